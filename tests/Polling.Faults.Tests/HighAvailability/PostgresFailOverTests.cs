using Polling.Faults.Tests.Harness;
using Polling.TestServers;

namespace Polling.Faults.Tests.HighAvailability;

/// <summary>
/// A PostgreSQL with a standby that streams from it: the primary is killed -9 under load and the standby promoted; the services have both in their connection
/// string.
/// </summary>
public class PostgresFailOverTests(ITestOutputHelper output)
{
    // What is written in about two seconds.
    private const long BytesLost = 2_000_000;

    [Fact]
    public async Task Of_what_a_synchronous_standby_has_nothing_is_lost_and_nothing_done_twice()
    {
        var cancel = TestContext.Current.CancellationToken;
        var pair = await TestPostgresPair.StartAsync(synchronous: true, cancel);
        await using var system = await FaultSystem.StartAsync(pair, cancel);
        await using var run = await FaultRun.BeginAsync(system);
        output.WriteLine($"{await run.StrikeAsync()} cards were held");
        var before = await system.Effects.TokensAsync();
        await pair.Primary.KillAsync();
        await pair.PromoteAsync(cancel);
        var promoted = TimeProvider.System.GetUtcNow();
        var after = await system.Effects.TokensAsync();
        var lost = before.Where(result => !after.TryGetValue(result.Key, out var now) || now.CompareTo(result.Value) < 0).ToArray();
        Assert.True(lost.Length == 0, $"of {before.Count} results {lost.Length} are lost, among them that of card {lost.FirstOrDefault().Key.Card}");
        await run.EndAsync(promoted);
    }

    /// <summary>It is as if what was lost had not been: its cards are asked again when they are due the next time, which Redis knows.</summary>
    [Fact, Trait("Category", "Long")]
    public async Task What_an_asynchronous_standby_has_not_is_asked_again()
    {
        var cancel = TestContext.Current.CancellationToken;
        var pair = await TestPostgresPair.StartAsync(synchronous: false, cancel);
        await using var system = await FaultSystem.StartAsync(pair, cancel);
        await using var run = await FaultRun.BeginAsync(system);
        await run.StrikeAsync();
        await pair.FallBehindAsync(BytesLost, cancel);
        output.WriteLine($"{await run.StrikeAsync()} cards were held");
        var before = await system.Effects.TokensAsync();
        await pair.Primary.KillAsync();
        await pair.PromoteAsync(cancel);
        var promoted = TimeProvider.System.GetUtcNow();
        var after = await system.Effects.TokensAsync();
        var lost = before.Count(result => !after.TryGetValue(result.Key, out var now) || now.CompareTo(result.Value) < 0);
        output.WriteLine($"of {before.Count} results {lost} are lost");
        Assert.True(lost > 0);
        await run.EndAsync(promoted + FaultSystem.LongestInterval);
    }
}
