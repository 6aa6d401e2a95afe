using System.Diagnostics;
using System.Globalization;
using Polling.Simulation.Tests.Faults;
using Polling.Simulation.Tests.World;

namespace Polling.Simulation.Tests.Days;

/// <summary>
/// Simulated days of 500 cards: the real scripts on a real Redis, in simulated time. Executors, schedulers, carriers, operators and
/// PostgreSQL are models, step by step like the real ones; at every step something may go wrong.
/// </summary>
public class DayTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Short = TimeSpan.FromMinutes(90);
    private static readonly TimeSpan Recovery = TimeSpan.FromMinutes(30);

    /// <summary>With nothing wrong a card waits for its turn only.</summary>
    private const long LatestMsMax = 2_000;

    private static int Seed => int.TryParse(Environment.GetEnvironmentVariable("SIMULATION_SEED"), CultureInfo.InvariantCulture, out var given)
        ? given
        : Random.Shared.Next();

    [Fact]
    public async Task In_a_day_with_hundreds_of_faults_no_card_is_lost_and_no_effect_doubled()
    {
        var watch = Stopwatch.StartNew();
        var faults = await RunAsync(Seed, TimeSpan.FromDays(1), perStep: 1 / 240.0);
        Assert.True(faults.Total >= 200, $"Only {faults.Total} faults happened.");
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(60), $"It took {watch.Elapsed}.");
    }

    [Fact]
    public async Task The_same_seed_gives_the_same_history()
    {
        var seed = Seed;
        var first = await RunAsync(seed, Short, perStep: 1 / 60.0);
        var second = await RunAsync(seed, Short, perStep: 1 / 60.0);
        Assert.Equal(first, second);
        var other = await RunAsync(unchecked(seed + 1), Short, perStep: 1 / 60.0);
        Assert.NotEqual(first.Hash, other.Hash);
    }

    [Theory, Trait("Category", "Long")]
    [MemberData(nameof(Seeds))]
    public async Task More_days(int seed) => await RunAsync(seed, TimeSpan.FromDays(1), perStep: 1 / 50.0);

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 20)];

    private async Task<(int Total, string Hash)> RunAsync(int seed, TimeSpan time, double perStep)
    {
        output.WriteLine($"seed {seed}; replay with SIMULATION_SEED={seed}");
        var watch = Stopwatch.StartNew();
        await using var system = await SimulatedSystem.CreateAsync(seed);
        var world = system.World;
        Fleet.Of500(world);
        world.Faults = new FaultInjector(system, new Random(seed + 2), perStep) { UntilMs = world.NowMs + (long)(time - 2 * Recovery).TotalMilliseconds };
        world.Loop.BetweenSteps = world.Faults.BetweenAsync;
        system.Start();
        await system.RunAsync(time - Recovery);
        world.Checks.MeasureFromMs = world.NowMs;
        await system.RunAsync(Recovery);
        await system.ComeToRestAsync();
        output.WriteLine(
            $"{watch.Elapsed.TotalSeconds:F1} s of wall time, {world.Loop.Turns} steps, {world.History.Lines} lines of history, hash {world.History.Hash}");
        output.WriteLine(
            $"{world.Checks.Sent} calls, {world.Checks.Completed} cards completed, {world.Checks.Adopted} found again by the audit, "
            + $"{world.Database.Overtaken} results overtaken; in the last half hour at most {world.Checks.LatestMs} ms late");
        output.WriteLine($"{world.Faults.Total} faults: {string.Join(", ", world.Faults.Counts.OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => $"{c.Value} {c.Key}"))}");
        Assert.InRange(world.Checks.LatestMs, 0, LatestMsMax);
        Assert.True(world.Checks.Violations.Count == 0, $"seed {seed}:\n{string.Join('\n', world.Checks.Violations.Take(20))}");
        Assert.True(world.Carrier.Violations.Count == 0, $"seed {seed}:\n{string.Join('\n', world.Carrier.Violations.Take(20))}");
        return (world.Faults.Total, world.History.Hash);
    }
}
