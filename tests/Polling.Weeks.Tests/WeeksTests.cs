using System.Globalization;
using Polling.Weeks.Tests.Fleet;
using Polling.Weeks.Tests.Processes;
using Polling.Weeks.Tests.Run;

[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace Polling.Weeks.Tests;

/// <summary>
/// Weeks of virtual time through the real processes, against carriers of all dialects: the ledger is the highest reading and in the end the truth; who is over
/// is suspended once, nobody else is; what others stopped stays stopped. <c>WEEKS_SEED</c> replays a run.
/// </summary>
public class WeeksTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Zone = TimeSpan.FromHours(8);

    [Fact]
    public async Task Three_days_over_both_resets() => await RunAsync(BeforeResets(), TimeSpan.FromHours(66), cards: 200, kills: 1);

    [Fact, Trait("Category", "Long")]
    public async Task Five_weeks_of_five_thousand_cards() => await RunAsync(BeforeResets(), TimeSpan.FromDays(35), cards: 5000, kills: 20);

    private async Task RunAsync(DateTimeOffset start, TimeSpan length, int cards, int kills)
    {
        var seed = Environment.GetEnvironmentVariable("WEEKS_SEED") is { Length: > 0 } text
            ? int.Parse(text, CultureInfo.InvariantCulture)
            : Random.Shared.Next(1_000_000);
        output.WriteLine($"WEEKS_SEED={seed}");
        await using var system = await WeeksSystem.StartAsync(start, seed);
        await FleetSetup.MakeAsync(system.Api, cards);
        await Settling.PlacedAsync(system, cards);
        system.StartExecutors();
        var run = new WeeksRun(system, new Random(seed), length, cards, kills, output.WriteLine);
        await run.RunAsync();
        var problems = await run.ProblemsAsync();
        Assert.True(problems.Count == 0, $"{problems.Count} problems (WEEKS_SEED={seed}):\n{string.Join('\n', problems.Take(20))}");
    }

    // The evening of a 26th of February: two days later both kinds of cycle have begun anew.
    private static DateTimeOffset BeforeResets()
    {
        var year = DateTimeOffset.UtcNow.Year;
        var start = new DateTimeOffset(year, 2, 26, 18, 0, 0, Zone);
        return start > DateTimeOffset.UtcNow ? start : start.AddYears(1);
    }
}
