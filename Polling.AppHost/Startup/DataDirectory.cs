using System.Diagnostics;
using System.Globalization;
using Polling.AppHost.Options;
using Polling.AppHost.Processes;

namespace Polling.AppHost.Startup;

/// <summary>The folder that Redis and PostgreSQL keep their data in, held by one system at a time.</summary>
internal sealed class DataDirectory : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly FileStream _lock;
    private readonly string _watchdogFile;

    private DataDirectory(FileStream held, string watchdogFile)
    {
        _lock = held;
        _watchdogFile = watchdogFile;
    }

    /// <summary>Makes the data and log folders where they are missing, and claims the former.</summary>
    /// <remarks>When the last system was killed, waits until its watchdog has ended what was left of it.</remarks>
    /// <exception cref="StartException">A folder cannot be written to, or another system holds the data.</exception>
    public static DataDirectory Claim(AppHostOptions options)
    {
        Make(options.LogDirectory, "LogDirectory");
        var folder = Make(options.DataDirectory, "DataDirectory");
        var path = Path.Combine(folder, "lock");
        FileStream held;
        try
        {
            held = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException error)
        {
            throw new StartException(
                $"another system{Holder(folder)} runs on the data in {folder}: stop it, or set --Polling:DataDirectory to another folder (and other ports)", error);
        }

        var watchdogFile = Path.Combine(folder, "watchdog.pid");
        WaitFor(watchdogFile);
        File.WriteAllText(Path.Combine(folder, "system.pid"), Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        File.WriteAllText(watchdogFile, WatchdogClient.Current.StartedId.ToString(CultureInfo.InvariantCulture));
        return new DataDirectory(held, watchdogFile);
    }

    /// <summary>Lets it go: everything that used it has ended.</summary>
    public void Dispose()
    {
        File.Delete(_watchdogFile);
        _lock.Dispose();
    }

    private static string Make(string folder, string option)
    {
        try
        {
            Directory.CreateDirectory(folder);
            var probe = Path.Combine(folder, $".writable-{Environment.ProcessId}");
            File.WriteAllText(probe, "");
            File.Delete(probe);
            return folder;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StartException($"{folder} cannot be written to ({error.Message}): set --Polling:{option} to a folder that can", error);
        }
    }

    private static string Holder(string folder)
    {
        try
        {
            return $" (process {File.ReadAllText(Path.Combine(folder, "system.pid"))})";
        }
        catch (IOException)
        {
            return "";
        }
    }

    private static void WaitFor(string watchdogFile)
    {
        if (!File.Exists(watchdogFile)
            || !int.TryParse(File.ReadAllText(watchdogFile), CultureInfo.InvariantCulture, out var processId)
            || processId == WatchdogClient.Current.StartedId)
        {
            return;
        }

        try
        {
            using var process = Process.GetProcessById(processId);
            if (process.ProcessName == Process.GetCurrentProcess().ProcessName || process.ProcessName == "dotnet")
            {
                process.WaitForExit(Patience);
            }
        }
        catch (ArgumentException)
        {
            // It has ended.
        }
    }
}
