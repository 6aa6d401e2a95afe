using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Security.AccessControl;
using Microsoft.Win32.SafeHandles;

namespace Polling.ServiceDefaults.Logs;

/// <summary>
/// A file opened so that the system itself places each write at the file's end (O_APPEND; on Windows: append access only). Lines
/// of several processes then never mix or overwrite each other, without a lock that a stopped process could hold.
/// .NET's <see cref="FileMode.Append"/> is not that: it seeks once and writes at offsets of its own.
/// </summary>
internal sealed partial class AppendOnlyFile : IDisposable
{
    private readonly SafeFileHandle _handle;

    private AppendOnlyFile(SafeFileHandle handle) => _handle = handle;

    /// <summary>The length in bytes of the file that is open, whatever it is called by now.</summary>
    public long Length => RandomAccess.GetLength(_handle);

    /// <summary>Opens the file, creating it if need be.</summary>
    /// <exception cref="IOException">It cannot be created or opened.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written to.</exception>
    public static AppendOnlyFile Open(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return new(OpenOnWindows(path));
        }

        for (var attempt = 1; ; attempt++)
        {
            // The managed call creates the file and explains failures; open(2) without O_CREAT then needs no variadic argument.
            File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete).Dispose();
            var flags = OperatingSystem.IsLinux() ? LinuxAppend : BsdAppend;
            var handle = OpenNative(path, flags);
            if (!handle.IsInvalid)
            {
                return new(handle);
            }

            var error = Marshal.GetLastPInvokeError();
            handle.Dispose();
            if (error != NoSuchFile || attempt == 10) // Renamed by another process between the two calls: once more.
            {
                throw new IOException($"{path} cannot be opened: {Marshal.GetPInvokeErrorMessage(error)}");
            }
        }
    }

    /// <summary>Appends the bytes in one system call.</summary>
    /// <exception cref="IOException">They could not be written, or not all of them: the disk is full.</exception>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (OperatingSystem.IsWindows())
        {
            RandomAccess.Write(_handle, bytes, 0); // With append access only, the offset is ignored.
            return;
        }

        while (!bytes.IsEmpty)
        {
            var written = WriteNative(_handle, bytes, (nuint)bytes.Length);
            if (written < 0)
            {
                var error = Marshal.GetLastPInvokeError();
                if (error == Interrupted)
                {
                    continue;
                }

                throw new IOException(Marshal.GetPInvokeErrorMessage(error));
            }

            bytes = bytes[(int)written..];
        }
    }

    public void Dispose() => _handle.Dispose();

    private const int NoSuchFile = 2; // ENOENT
    private const int Interrupted = 4; // EINTR
    private const int LinuxAppend = 0x1 | 0x400 | 0x80000; // O_WRONLY | O_APPEND | O_CLOEXEC
    private const int BsdAppend = 0x1 | 0x8 | 0x1000000;

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial SafeFileHandle OpenNative(string path, int flags);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint WriteNative(SafeFileHandle handle, ReadOnlySpan<byte> bytes, nuint count);

    [SupportedOSPlatform("windows")]
    private static SafeFileHandle OpenOnWindows(string path)
    {
        var stream = new FileInfo(path).Create(
            FileMode.OpenOrCreate,
            FileSystemRights.AppendData | FileSystemRights.ReadAttributes | FileSystemRights.Synchronize,
            FileShare.ReadWrite | FileShare.Delete,
            bufferSize: 1,
            FileOptions.None,
            fileSecurity: null);
        return stream.SafeFileHandle;
    }
}
