using System.Diagnostics;
using System.Globalization;

namespace Polling.AppHost.Processes;

/// <summary>
/// Outlives its starter for a few seconds, to stop what the starter can no longer stop after a <c>kill -9</c>.
/// </summary>
/// <remarks>
/// It reads lines from the starter: <c>+ group signal seconds</c> when a child was started, <c>- group</c> when it is gone,
/// <c>bye</c> when all is well. When the input ends without <c>bye</c>, every group still known gets its stop signal, and
/// SIGKILL when its seconds are over.
/// </remarks>
internal static class Watchdog
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    public static int Run()
    {
        Posix.StartSession();
        var groups = new Dictionary<int, (int Signal, TimeSpan Grace)>();
        while (Console.In.ReadLine() is { } line)
        {
            switch (line.Split(' '))
            {
                case ["+", var group, var signal, var seconds]:
                    groups[Number(group)] = (Number(signal), TimeSpan.FromSeconds(Number(seconds)));
                    break;
                case ["-", var group]:
                    groups.Remove(Number(group));
                    break;
                case ["bye"]:
                    return 0;
            }
        }

        StopAll(groups);
        return 0;
    }

    private static void StopAll(Dictionary<int, (int Signal, TimeSpan Grace)> groups)
    {
        foreach (var (group, how) in groups)
        {
            Posix.SignalGroup(group, how.Signal);
        }

        var clock = Stopwatch.StartNew();
        while (groups.Count > 0)
        {
            foreach (var (group, how) in groups.ToList())
            {
                if (clock.Elapsed > how.Grace)
                {
                    Posix.SignalGroup(group, Posix.SigKill);
                    groups.Remove(group);
                }
                else if (!Posix.GroupExists(group))
                {
                    groups.Remove(group);
                }
            }

            Thread.Sleep(Pause);
        }
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
