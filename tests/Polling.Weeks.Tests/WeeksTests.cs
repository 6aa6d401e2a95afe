using System.Diagnostics;
using System.Globalization;
using Polling.Weeks.Tests.Checks;
using Polling.Weeks.Tests.Fleet;
using Polling.Weeks.Tests.Processes;
using Polling.Weeks.Tests.Run;

[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace Polling.Weeks.Tests;

/// <summary>
/// Weeks of virtual time through the real processes, against carriers of all dialects: the ledger is the highest reading and in the end the truth; who is over
/// is suspended once, nobody else is; what others stopped stays stopped. <c>WEEKS_SEED</c> replays a run; what happens is also written to the file <c>WEEKS_LOG</c>; <c>WEEKS_DAYS</c> shortens the five weeks.
/// </summary>
public class WeeksTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Zone = TimeSpan.FromHours(8);
    private static readonly TimeSpan FiveWeeks = TimeSpan.FromDays(Number("WEEKS_DAYS") ?? 35);
    private const int Many = 5000;
    private static readonly int Kills = Math.Max(1, (int)(FiveWeeks.TotalDays * 4 / 7));
    private const int Shown = 20;

    [Fact]
    public async Task Three_days_over_both_resets() => await RunAsync(Seed(), BeforeResets(hour: 16), TimeSpan.FromHours(68), cards: 200, kills: 1);

    [Fact, Trait("Category", "Long")]
    public async Task Five_weeks_of_five_thousand_cards() => await RunAsync(Seed(), BeforeResets(), FiveWeeks, Many, Kills);

    [Fact, Trait("Category", "Long")]
    public async Task Five_weeks_twice_with_one_seed_come_to_the_same()
    {
        var seed = Seed();
        var first = await RunAsync(seed, BeforeResets(), FiveWeeks, Many, Kills);
        var second = await RunAsync(seed, BeforeResets(), FiveWeeks, Many, Kills);
        var differences = second.DifferencesFrom(first).ToArray();
        Assert.True(differences.Length == 0, $"{differences.Length} differences (WEEKS_SEED={seed}):\n{string.Join('\n', differences.Take(Shown))}");
    }

    private async Task<Digest> RunAsync(int seed, DateTimeOffset start, TimeSpan length, int cards, int kills)
    {
        var took = Stopwatch.StartNew();
        Log($"WEEKS_SEED={seed}");
        var plan = new RunPlan(seed, start, length, cards, kills);
        await using var system = await WeeksSystem.StartAsync(plan.Start, seed);
        await FleetSetup.MakeAsync(system.Api, cards);
        Log($"started after {took.Elapsed.TotalSeconds:F0} s");
        var run = new WeeksRun(system, plan, Log);
        await run.RunAsync();
        var (problems, digest) = await run.ResultAsync();
        Log($"ended after {took.Elapsed.TotalSeconds:F0} s");
        Assert.True(problems.Count == 0, $"{problems.Count} problems (WEEKS_SEED={seed}):\n{string.Join('\n', problems.Take(Shown))}");
        return digest;
    }

    private void Log(string line)
    {
        output.WriteLine(line);
        if (Environment.GetEnvironmentVariable("WEEKS_LOG") is { Length: > 0 } file)
        {
            File.AppendAllText(file, line + '\n');
        }
    }

    private static int Seed() => Number("WEEKS_SEED") ?? Random.Shared.Next(1_000_000);

    private static int? Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;

    // A 26th of February: two days later both kinds of cycle have begun anew. Before 20 h the first suspensions meet carriers with faults.
    private static DateTimeOffset BeforeResets(int hour = 20)
    {
        var year = DateTimeOffset.UtcNow.Year;
        var start = new DateTimeOffset(year, 2, 26, hour, 0, 0, Zone);
        return start > DateTimeOffset.UtcNow ? start : start.AddYears(1);
    }
}
