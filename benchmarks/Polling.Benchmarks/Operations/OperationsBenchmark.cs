using System.Globalization;
using Polling.Benchmarks.Figures;

namespace Polling.Benchmarks.Operations;

/// <summary>What operators ask of the whole system while it polls a million cards at half of what it can carry on this machine.</summary>
internal sealed class OperationsBenchmark(FigureReport report)
{
    private const string CapacityFigure = "capacity: all cards due, the whole system on this machine";
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(25);

    // As short as that: cards are due again before the backlog is worked off, whatever the machine carries.
    private static readonly TimeSpan Saturating = TimeSpan.FromSeconds(60);

    // The second start takes about as long as the first one.
    private static readonly TimeSpan BootMargin = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private const double SettledSeconds = 2;

    /// <summary>Names of the rows, in the order in which they are measured.</summary>
    public static IReadOnlyList<string> Rows { get; } = ["statistics", "manual_batch", "cleanup"];

    /// <summary>Measures the capacity, then some rows at half of it.</summary>
    public async Task RunAsync(IReadOnlyCollection<string> rows)
    {
        await report.TryAsync(CapacityFigure, async () =>
        {
            var (capacity, bootTime) = await CapacityAsync();
            var fleet = new Fleet(TimeSpan.FromSeconds(Math.Ceiling(Fleet.Cards * Fleet.PolledTasks / (capacity / 2))), bootTime + BootMargin);
            await using var system = await WholeSystem.StartAsync(fleet, rows.Contains("cleanup") ? new UsageHistory(DateTimeOffset.UtcNow).Sql : "");
            await SettleAsync(system, fleet);
            foreach (var row in Rows.Where(rows.Contains))
            {
                await report.TryAsync(row, row switch
                {
                    "statistics" => () => new StatisticsRow(system, report).MeasureAsync(),
                    "manual_batch" => () => new ManualBatchRow(system, report).MeasureAsync(),
                    _ => () => new CleanupRow(system, report).MeasureAsync(),
                });
            }
        });
    }

    private async Task<(double CardsPerSecond, TimeSpan BootTime)> CapacityAsync()
    {
        await using var system = await WholeSystem.StartAsync(new Fleet(Saturating, null));
        await Task.Delay(WarmUp);
        var rate = await system.RateAsync(Turn);
        var due = await system.DueAsync();
        if (due < rate)
        {
            throw new InvalidOperationException($"Only {due} cards were due at the end: this machine carries more than the fleet asks for.");
        }

        report.Add(new Figure(CapacityFigure, rate, "cards/s", Note: string.Create(
            CultureInfo.InvariantCulture, $"answers committed in {Turn.TotalSeconds:F0} s, {Fleet.Cards} cards, 2 tasks, 100 cards a call; {due} due at the end")));
        return (rate, system.BootTime);
    }

    private async Task SettleAsync(WholeSystem system, Fleet fleet)
    {
        var settled = fleet.CardsDuePerSecond * SettledSeconds;
        await system.Processes.UntilAsync(
            "settled at half of the capacity", Patience,
            async () => DateTimeOffset.UtcNow > system.FirstDueAt + Settling && await system.DueAsync() < settled);
        var sample = await system.SampleAsync(Turn);
        report.Add(new Figure("at half of it: cards polled / cards due", sample.Share, "", 0.99, Note: string.Create(
            CultureInfo.InvariantCulture, $"{fleet.CardsDuePerSecond:F0} cards/s due (interval {fleet.Interval.TotalSeconds:F0} s), lateness p95 {sample.LatenessP95Ms:F0} ms")));
    }
}
