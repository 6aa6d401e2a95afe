using Polling.Core.Cards;
using Polling.Core.Scheduling;
using Polling.Simulation.Tests.World;

namespace Polling.Simulation.Tests.CatchUp;

public class StopOfAnHourTests(ITestOutputHelper output)
{
    private const int Cards = 1_800;
    private const int CallsPerSecond = 3;
    private const int OnItsWayMs = 10_000;
    private const double RateMax = 1.2;
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Every process is away for an hour, twelve intervals; then all cards are due, and their calls are a third of what the budget carries in an
    /// interval. A grid point at which a card was not asked, though the system ran, is a skip: whoever is asked late may skip the next
    /// one, as it comes too soon after, but not a second.
    /// </summary>
    [Fact]
    public async Task The_catch_up_stays_within_the_rate_and_skips_no_card_twice()
    {
        await using var system = await SimulatedSystem.CreateAsync(seed: 1, new SimulationOptions { AuditEvery = TimeSpan.FromMinutes(5) });
        var world = system.World;
        world.AddAccount(1, CallsPerSecond, cardsPerCall: 6, Interval);
        for (var id = 1; id <= Cards; id++)
        {
            world.Database.Add(new CardRecord(id, 1, RealNameStatus.RealNamed));
        }

        system.Start();
        await system.RunAsync(Interval);
        system.Stop();
        await system.RunAsync(TimeSpan.FromHours(1));

        var (side, asked) = (world.Carrier.Side(1), new Dictionary<long, List<long>>());
        side.WindowMax = 0;
        var callsBefore = side.Calls;
        world.Checks.Sending = (card, ms) =>
        {
            if (!asked.TryGetValue(card, out var times))
            {
                asked.Add(card, times = []);
            }

            times.Add(ms);
        };
        var startedMs = world.NowMs;
        system.Start();
        await system.RunAsync(3 * Interval);

        var caughtUpMs = asked.Values.Max(times => times[0]) - startedMs;
        var skips = asked.ToDictionary(a => a.Key, a => SkippedInARow(a.Key, a.Value, startedMs, world.NowMs));
        output.WriteLine(
            $"After an hour's stop {Cards} cards were asked within {caughtUpMs / 1000} s, {side.Calls - callsBefore} calls in {3 * Interval.TotalMinutes} minutes; "
            + $"the fullest second had {side.WindowMax} calls of {CallsPerSecond} ({(double)side.WindowMax / CallsPerSecond:F2} x); "
            + $"{skips.Values.Count(s => s == 1)} cards skipped one point of their grid, {skips.Values.Count(s => s > 1)} more");
        Assert.Equal(Cards, asked.Count);
        Assert.InRange(side.WindowMax, 1, CallsPerSecond * RateMax);
        Assert.All(skips, s => Assert.InRange(s.Value, 0, 1));
        Assert.Empty(world.Checks.Violations);
        Assert.Empty(world.Carrier.Violations);
    }

    // The most points of its grid in a row, since the start, at which the card was not asked: between two calls, or before the first.
    private static int SkippedInARow(long card, List<long> askedMs, long startedMs, long endedMs)
    {
        var intervalMs = (long)Interval.TotalMilliseconds;
        var phase = PhaseGrid.Phase(card, intervalMs);
        var worst = 0;
        var fromMs = startedMs;
        foreach (var ms in askedMs)
        {
            // A call may come a tenth of the interval before its point.
            var points = (ms + intervalMs / 10 - phase) / intervalMs - (fromMs - phase) / intervalMs;
            worst = Math.Max(worst, (int)points - 1);
            fromMs = ms + intervalMs / 10;
        }

        // After the last call; one that is due now is on its way.
        return Math.Max(worst, (int)((endedMs - OnItsWayMs - phase) / intervalMs - (fromMs - phase) / intervalMs));
    }
}
