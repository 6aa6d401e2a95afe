using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Polling.AppHost.Processes;

/// <summary>The few calls of libc that .NET has no method for: process groups, users, exec. The same on Linux and macOS.</summary>
internal static partial class Posix
{
    public const int SigInt = 2;
    public const int SigQuit = 3;
    public const int SigKill = 9;
    public const int SigTerm = 15;

    private const int SigHup = 1;
    private const int SigPipe = 13;

    private const string LibC = "libc";

    /// <summary>Whether this process is run by root.</summary>
    public static bool IsRoot => geteuid() == 0;

    /// <summary>The process that started this one; another once that is gone.</summary>
    public static int ParentId => getppid();

    /// <summary>Begins a new session: this process leads a group of its own and hears no Ctrl-C of the terminal.</summary>
    public static void StartSession() => setsid();

    /// <summary>Sends a signal to a process; false when there is no such process.</summary>
    public static bool Signal(int processId, int signal) => kill(processId, signal) == 0;

    /// <summary>Sends a signal to every process of a group; false when the group is empty.</summary>
    public static bool SignalGroup(int groupId, int signal) => kill(-groupId, signal) == 0;

    /// <summary>Whether a process of this group is left (a dead one that nobody has waited for counts).</summary>
    public static bool GroupExists(int groupId) => kill(-groupId, 0) == 0;

    /// <summary>Gives a file or folder to a user.</summary>
    public static void ChangeOwner(string path, int userId, int groupId) =>
        ThrowIfFailed(chown(path, userId, groupId), $"cannot give {path} to user {userId}");

    /// <summary>Becomes another user for good. Only root may.</summary>
    public static void BecomeUser(int userId, int groupId)
    {
        ThrowIfFailed(setgroups(1, [groupId]), "setgroups");
        ThrowIfFailed(setgid(groupId), "setgid");
        ThrowIfFailed(setuid(userId), "setuid");
    }

    /// <summary>Makes a file handle stand in for standard input (0), output (1) or error (2).</summary>
    public static void Redirect(SafeHandle file, int standardFile) =>
        ThrowIfFailed(dup2((int)file.DangerousGetHandle(), standardFile), "dup2");

    /// <summary>Signals that this process or its starter ignores would stay ignored across <see cref="Execute"/>: undo that.</summary>
    public static void ResetSignals()
    {
        foreach (var number in (ReadOnlySpan<int>)[SigHup, SigInt, SigQuit, SigPipe, SigTerm])
        {
            signal(number, 0);
        }
    }

    /// <summary>Replaces this process by another program, with the same process id. Returns only by throwing.</summary>
    public static void Execute(string fileName, IReadOnlyList<string> arguments)
    {
        var vector = new nint[arguments.Count + 2];
        vector[0] = Marshal.StringToCoTaskMemUTF8(fileName);
        for (var i = 0; i < arguments.Count; i++)
        {
            vector[i + 1] = Marshal.StringToCoTaskMemUTF8(arguments[i]);
        }

        ThrowIfFailed(execvp(fileName, vector), $"cannot start {fileName}");
    }

    private static void ThrowIfFailed(int result, string what)
    {
        if (result == -1)
        {
            var error = new Win32Exception(Marshal.GetLastPInvokeError());
            throw new InvalidOperationException($"{what}: {error.Message}", error);
        }
    }

    [LibraryImport(LibC)]
    private static partial int geteuid();

    [LibraryImport(LibC)]
    private static partial int getppid();

    [LibraryImport(LibC, SetLastError = true)]
    private static partial int setsid();

    [LibraryImport(LibC, SetLastError = true)]
    private static partial int kill(int processId, int signal);

    [LibraryImport(LibC)]
    private static partial nint signal(int number, nint handler);

    [LibraryImport(LibC, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int chown(string path, int userId, int groupId);

    [LibraryImport(LibC, SetLastError = true)]
    private static partial int setgroups(nint count, int[] groups);

    [LibraryImport(LibC, SetLastError = true)]
    private static partial int setgid(int groupId);

    [LibraryImport(LibC, SetLastError = true)]
    private static partial int setuid(int userId);

    [LibraryImport(LibC, SetLastError = true)]
    private static partial int dup2(int from, int to);

    [LibraryImport(LibC, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int execvp(string fileName, nint[] arguments);
}
