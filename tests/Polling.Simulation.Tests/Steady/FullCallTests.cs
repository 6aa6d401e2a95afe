using Polling.Core.Cards;
using Polling.Simulation.Tests.World;

namespace Polling.Simulation.Tests.Steady;

public class FullCallTests(ITestOutputHelper output)
{
    private const int CardsPerCall = 100;

    // The audit reads every card in each round; here it has nothing to find.
    private static readonly SimulationOptions Options = new() { AuditEvery = TimeSpan.FromMinutes(20) };

    /// <summary>10,000 cards of one account whose due times are spread by their phases over the interval; three intervals.</summary>
    [Fact]
    public async Task Phased_cards_share_calls_in_a_steady_state()
    {
        const int Cards = 10_000;
        const double FillMin = 0.8;
        var interval = TimeSpan.FromHours(1);
        await using var system = await SimulatedSystem.CreateAsync(seed: 1, Options);
        var world = system.World;
        world.AddAccount(1, callsPerSecond: 10, CardsPerCall, interval);
        for (var id = 1; id <= Cards; id++)
        {
            // Each was last checked at its phase of the hour before.
            var checkedMs = SimulatedWorld.StartMs - Core.Scheduling.PhaseGrid.Phase(Cards + 1 - id, (long)interval.TotalMilliseconds);
            world.Database.Add(new CardRecord(id, 1, RealNameStatus.RealNamed) { CheckedMs = checkedMs });
        }

        system.Start();
        await system.RunAsync(interval);
        var side = world.Carrier.Side(1);
        var (callsBefore, cardsBefore) = (side.Calls, side.Cards);
        await system.RunAsync(2 * interval);

        var (calls, cards) = (side.Calls - callsBefore, side.Cards - cardsBefore);
        var fill = (double)cards / calls / CardsPerCall;
        output.WriteLine($"mean fill {fill:P1}: {cards} cards in {calls} calls of at most {CardsPerCall}, in two intervals after the first");
        Assert.InRange(cards, 2 * Cards * 0.99, 2 * Cards * 1.01);
        Assert.True(fill >= FillMin, $"The mean fill of calls is {fill:P1}; it must be at least {FillMin:P0}.");
        Assert.Empty(world.Checks.Violations);
        Assert.Empty(world.Carrier.Violations);
    }

    /// <summary>A hundred thousand cards that were due long ago.</summary>
    [Fact]
    public async Task Cards_that_are_due_at_once_go_in_full_calls()
    {
        const int Cards = 100_000;
        const int CallsMax = 1_010;
        await using var system = await SimulatedSystem.CreateAsync(seed: 1, Options);
        var world = system.World;
        world.AddAccount(1, callsPerSecond: 50, CardsPerCall, TimeSpan.FromHours(1));
        for (var id = 1; id <= Cards; id++)
        {
            world.Database.Add(new CardRecord(id, 1, RealNameStatus.RealNamed) { CheckedMs = SimulatedWorld.StartMs - (long)TimeSpan.FromDays(1).TotalMilliseconds });
        }

        system.Start();
        var side = world.Carrier.Side(1);
        var until = world.NowMs + (long)TimeSpan.FromMinutes(5).TotalMilliseconds;
        while (world.Checks.Completed < Cards && world.NowMs < until)
        {
            await world.Loop.RunUntilAsync(world.Loop.NowUs + 1_000_000);
        }

        output.WriteLine(
            $"{world.Checks.Completed} cards that were due at once: {side.Calls} calls of at most {CardsPerCall}, "
            + $"{(world.NowMs - SimulatedWorld.StartMs) / 1000} s at 50 calls a second, at most {side.WindowMax} in a second");
        Assert.InRange(world.Checks.Completed, Cards, Cards + CardsPerCall);
        Assert.True(side.Calls <= CallsMax, $"It took {side.Calls} calls; it must be at most {CallsMax}.");
        Assert.Empty(world.Checks.Violations);
        Assert.Empty(world.Carrier.Violations);
    }
}
