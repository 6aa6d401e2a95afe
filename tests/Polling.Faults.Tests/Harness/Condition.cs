using System.Diagnostics;

namespace Polling.Faults.Tests.Harness;

/// <summary>Waits, for a bounded time, until something is so.</summary>
internal static class Condition
{
    /// <summary>How long anything may take that has no bound of its own, on a machine that does much else.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <param name="find">What is still wrong, or null.</param>
    /// <param name="patience">How long it may be so.</param>
    /// <param name="pause">Between two looks.</param>
    public static async Task HoldsAsync(Func<Task<string?>> find, TimeSpan patience, TimeSpan? pause = null)
    {
        var clock = Stopwatch.StartNew();
        while (await find() is { } wrong)
        {
            Assert.True(clock.Elapsed < patience, $"after {clock.Elapsed.TotalSeconds:F1} s still: {wrong}");
            await Task.Delay(pause ?? TimeSpan.FromMilliseconds(100), TestContext.Current.CancellationToken);
        }
    }

    public static Task HoldsAsync(Func<Task<bool>> condition, TimeSpan patience, string otherwise, TimeSpan? pause = null) =>
        HoldsAsync(async () => await condition() ? null : otherwise, patience, pause);
}
