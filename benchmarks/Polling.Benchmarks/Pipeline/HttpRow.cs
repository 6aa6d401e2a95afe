using System.Diagnostics;
using System.Globalization;
using Polling.Benchmarks.Figures;
using Polling.Benchmarks.Processes;
using Polling.Benchmarks.Scenarios;
using static Polling.Benchmarks.Figures.Medians;

namespace Polling.Benchmarks.Pipeline;

/// <summary>The whole path, one card a call, in turns with a bare HTTP loop against the same gateway, with as many requests at once as there are permits.</summary>
internal sealed class HttpRow(FigureReport report)
{
    private const int Cards = 1_000_000;
    private const int Executors = 2;
    private const int Permits = Executors * PipelineLoad.CallsInFlight;
    private const int Turns = 3;
    private const double ShareMin = 0.4;

    // Cores. A bare turn begins when all else does next to nothing: no cards are loaded, no checkpoint, no clean-up of PostgreSQL's. Schedulers look at due cards
    // all the time.
    private const double IdleMax = 0.2;
    private static readonly TimeSpan IdlePatience = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan IdleLook = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan BareWarmUp = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(12);

    // New executors are compiled while they work.
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(18);

    public async Task MeasureAsync()
    {
        await using var load = await PipelineLoad.StartAsync(Cards, Permits, latencyMs: 0);
        using var loop = await BareLoop.OverAsync(load.System);
        var (bare, whole) = (new List<double>(), new List<PipelineTurn>());
        for (var turn = 0; turn < Turns; turn++)
        {
            await UntilIdleAsync(load.System);
            bare.Add(await loop.RunAsync(Permits, BareWarmUp, Turn));
            whole.Add(await WholeAsync(load));
        }

        var (checks, requests) = (Median(whole.Select(w => w.ChecksPerSecond)), Median(bare));
        report.Add(new Figure("whole path, one card a call: checks / bare HTTP requests", checks / requests, "", ShareMin, Note: string.Create(
            CultureInfo.InvariantCulture, $"{Cards} cards, {Executors} executors, telemetry on, {Turns} turns each, medians")));
        report.Add(new Figure("  the whole path", checks, "checks/s", Note: PipelineTurn.Text(whole)));
        report.Add(new Figure($"  bare HttpClient loop, {Permits} at once", requests, "requests/s", Note: PipelineTurn.Text(bare)));
    }

    private static async Task<PipelineTurn> WholeAsync(ScenarioSystem load)
    {
        var executors = Enumerable.Range(0, Executors).Select(_ => load.StartExecutor()).ToArray();
        await Task.Delay(WarmUp);
        var turn = await PipelineTurn.MeasureAsync(load.System, Turn);
        foreach (var executor in executors)
        {
            await load.System.Processes.StopAsync(executor);
        }

        return turn;
    }

    private static async Task UntilIdleAsync(BenchmarkSystem system)
    {
        var (before, at) = (system.CpuSeconds(), Stopwatch.GetTimestamp());
        await system.Processes.UntilAsync($"idle: the system took more than {IdleMax} cores while no executor ran", IdlePatience, () =>
        {
            var (now, elapsed) = (system.CpuSeconds(), Stopwatch.GetElapsedTime(at));
            var isIdle = elapsed >= IdleLook / 2 && (now - before) / elapsed.TotalSeconds < IdleMax;
            (before, at) = (now, Stopwatch.GetTimestamp());
            return Task.FromResult(isIdle);
        }, IdleLook);
    }
}
