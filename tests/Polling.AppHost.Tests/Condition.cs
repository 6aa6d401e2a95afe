using System.Diagnostics;

namespace Polling.AppHost.Tests;

/// <summary>Waits, for a bounded time, until something is so.</summary>
internal static class Condition
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    public static Task HoldsAsync(Func<bool> condition, TimeSpan patience) =>
        HoldsAsync(() => Task.FromResult(condition()), patience);

    public static async Task HoldsAsync(Func<Task<bool>> condition, TimeSpan patience)
    {
        var clock = Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(clock.Elapsed < patience, $"it did not become so within {patience}");
            await Task.Delay(Interval, TestContext.Current.CancellationToken);
        }
    }
}
