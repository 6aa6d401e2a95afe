using System.Diagnostics;
using System.Globalization;
using Polling.AppHost.Processes;

namespace Polling.AppHost.LocalServers;

/// <summary>The file <c>postmaster.pid</c>, in which a PostgreSQL tells its process id, and whether it is ready.</summary>
internal static class PostmasterFile
{
    /// <summary>Whether the process that runs on this cluster takes connections (PostgreSQL itself writes so into its pid file).</summary>
    public static bool IsReady(string folder) =>
        PidFileLines(folder) is { Length: >= 8 } lines && lines[7].Trim() == "ready";

    /// <summary>Ends the process of an earlier run, if it still lives, and removes its file.</summary>
    public static async Task ForgetEarlierProcessAsync(string folder, CancellationToken cancellationToken)
    {
        if (PidFileLines(folder) is not [var first, ..] || !int.TryParse(first, CultureInfo.InvariantCulture, out var processId))
        {
            File.Delete(Path.Combine(folder, "postmaster.pid"));
            return;
        }

        using var leftOver = FindPostgres(processId);
        if (leftOver is not null)
        {
            Posix.Signal(processId, Posix.SigInt);
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(TimeSpan.FromSeconds(5));
            try
            {
                await leftOver.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                Posix.Signal(processId, Posix.SigKill);
                await leftOver.WaitForExitAsync(cancellationToken);
            }
        }

        // The number may since belong to another process: PostgreSQL would then refuse to start.
        File.Delete(Path.Combine(folder, "postmaster.pid"));
    }

    private static Process? FindPostgres(int processId)
    {
        try
        {
            var process = Process.GetProcessById(processId);
            if (process.ProcessName.StartsWith("postgres", StringComparison.Ordinal))
            {
                return process;
            }

            process.Dispose();
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException)
        {
            // Not running.
        }

        return null;
    }

    private static string[]? PidFileLines(string folder)
    {
        try
        {
            return File.ReadAllLines(Path.Combine(folder, "postmaster.pid"));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
