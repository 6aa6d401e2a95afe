using System.Globalization;
using Polling.AppHost.Processes;

namespace Polling.AppHost.AspireFallback;

/// <summary>
/// Whoever kills <c>dotnet run</c> with <c>kill -9</c> means the system: when that is our parent and it goes away, we stop.
/// Any other parent, such as a shell, may go.
/// </summary>
internal static class ParentWatch
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    public static IDisposable? Start(CancellationTokenSource stop)
    {
        if (OperatingSystem.IsWindows())
        {
            return null;
        }

        var parent = Posix.ParentId;
        return IsDotNetRun(parent)
            ? new Timer(_ =>
            {
                if (Posix.ParentId != parent)
                {
                    stop.Cancel();
                }
            }, null, Interval, Interval)
            : null;
    }

    private static bool IsDotNetRun(int processId)
    {
        try
        {
            var words = File.ReadAllText($"/proc/{processId.ToString(CultureInfo.InvariantCulture)}/cmdline").Split('\0');
            return words is [var program, .. var rest] && Path.GetFileName(program) == "dotnet" && rest.Contains("run");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
