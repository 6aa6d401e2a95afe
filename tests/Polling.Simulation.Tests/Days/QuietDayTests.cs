using System.Diagnostics;
using Polling.Simulation.Tests.World;

namespace Polling.Simulation.Tests.Days;

public class QuietDayTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_quiet_day()
    {
        var watch = Stopwatch.StartNew();
        await using var system = await SimulatedSystem.CreateAsync(1);
        Fleet.Of500(system.World);
        system.Start();
        system.World.Checks.MeasureFromMs = system.World.NowMs + 120_000;
        await system.RunAsync(TimeSpan.FromDays(1));
        var world = system.World;
        output.WriteLine($"{watch.Elapsed.TotalSeconds:F1} s wall, {world.Loop.Turns} turns, {world.History.Lines} lines, hash {world.History.Hash}");
        output.WriteLine($"{world.Checks.Sent} calls, {world.Checks.Completed} cards completed, latest {world.Checks.LatestMs} ms");
        Assert.Empty(world.Checks.Violations);
        Assert.Empty(world.Carrier.Violations);
    }
}
