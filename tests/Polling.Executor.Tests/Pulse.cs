namespace Polling.Executor.Tests;

/// <summary>What this machine holds up.</summary>
internal static class Pulse
{
    /// <summary>How much later than asked for something came to run, at worst.</summary>
    public static async Task<TimeSpan> LongestStallAsync(CancellationToken ended)
    {
        var (pause, longest) = (TimeSpan.FromMilliseconds(10), TimeSpan.Zero);
        while (!ended.IsCancellationRequested)
        {
            var started = TimeProvider.System.GetTimestamp();
            await Task.Delay(pause, CancellationToken.None);
            var late = TimeProvider.System.GetElapsedTime(started) - pause;
            longest = late > longest ? late : longest;
        }

        return longest;
    }
}
