using System.Globalization;
using Polling.Benchmarks.Figures;
using static Polling.Benchmarks.Figures.Medians;

namespace Polling.Benchmarks.Pipeline;

/// <summary>What a second executor adds, where the gateway takes its time: one and two in turns in the same system.</summary>
internal sealed class ExecutorsRow(FigureReport report)
{
    private const int Cards = 200_000;
    private const int LatencyMs = 200;
    private const int Permits = 400;
    private const int Turns = 3;
    private const double RatioMin = 1.9;
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(15);

    // Long enough to be compiled, and for what the one before has left to be over.
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(10);

    public async Task MeasureAsync()
    {
        await using var load = await PipelineLoad.StartAsync(Cards, Permits, LatencyMs);
        var (one, two) = (new List<PipelineTurn>(), new List<PipelineTurn>());
        load.StartExecutor();
        for (var turn = 0; turn < Turns; turn++)
        {
            await Task.Delay(WarmUp);
            one.Add(await PipelineTurn.MeasureAsync(load.System, Turn));
            var second = load.StartExecutor();
            await Task.Delay(WarmUp);
            two.Add(await PipelineTurn.MeasureAsync(load.System, Turn));
            await load.System.Processes.StopAsync(second);
        }

        report.Add(new Figure("two executors / one, gateway at 200 ms", Median(two.Zip(one, (b, a) => b.ChecksPerSecond / a.ChecksPerSecond)), "x", RatioMin, Note: string.Create(
            CultureInfo.InvariantCulture, $"{PipelineLoad.CallsInFlight} calls in flight for each, {Permits} permits, {Turns} turns each, medians")));
        Add("  one", one);
        Add("  two", two);
    }

    private void Add(string name, List<PipelineTurn> turns) =>
        report.Add(new Figure(name, Median(turns.Select(t => t.ChecksPerSecond)), "checks/s", Note: PipelineTurn.Text(turns)));
}
