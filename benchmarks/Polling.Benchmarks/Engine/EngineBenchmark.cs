using System.Globalization;
using Polling.AppHost.LocalServers;
using Polling.Benchmarks.Engine.BullMq;
using Polling.Benchmarks.Engine.Recurring;
using Polling.Benchmarks.Figures;
using Polling.Core.Configuration;
using Polling.TestServers;
using StackExchange.Redis;
using static Polling.Benchmarks.Figures.Medians;

namespace Polling.Benchmarks.Engine;

/// <summary>The figures of the queue engine. What a ratio compares is measured in turns within the run, as machines are noisy.</summary>
internal sealed class EngineBenchmark(FigureReport report)
{
    private const int Million = 1_000_000;
    private const int ManualRequestCount = 40;
    private const string BullMqFigure = "  / BullMQ's no-op jobs, concurrency 200, from adding to end";
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(5);

    // So short that cards are always due: what is measured is the engine, not the fleet.
    private const double CardsDuePerSecond = 250_000;
    private double? _cardsPerSecond;

    /// <summary>Names of the rows, in the order in which they are measured.</summary>
    public static IReadOnlyList<string> Rows { get; } =
        ["cycle", "bullmq", "quotas", "aof", "single", "lateness", "memory", "audit", "scale", "idle", "recurring"];

    /// <summary>Measures some rows.</summary>
    public async Task RunAsync(IReadOnlyCollection<string> rows)
    {
        if (rows.Any(row => row is "cycle" or "bullmq" or "quotas" or "aof"))
        {
            await OnRedisAsync(async (queue, port) =>
            {
                await queue.FillAsync(Million, 100, Due(Million));
                if (rows.Contains("cycle"))
                {
                    await CycleAsync(queue, port);
                }

                if (rows.Contains("bullmq"))
                {
                    await BullMqAsync(queue, port);
                }

                if (rows.Contains("quotas"))
                {
                    await QuotasAsync(queue);
                }

                if (rows.Contains("aof"))
                {
                    await AppendOnlyAsync(queue);
                }
            });
        }

        if (rows.Contains("single"))
        {
            await OnRedisAsync(SingleAsync);
        }

        if (rows.Contains("lateness"))
        {
            await OnRedisAsync(LatenessAsync);
        }

        if (rows.Contains("memory") || rows.Contains("audit"))
        {
            await OnRedisAsync((queue, _) => MemoryAndAuditAsync(queue, rows));
        }

        if (rows.Contains("scale"))
        {
            await ScaleAsync();
        }

        if (rows.Contains("idle"))
        {
            await IdleAsync();
        }

        if (rows.Contains("recurring"))
        {
            await OnRedisAsync(new RecurringRow(report).MeasureAsync);
        }
    }

    private static TimeSpan Due(int cards) => TimeSpan.FromSeconds(cards / CardsDuePerSecond);

    private static async Task OnRedisAsync(Func<EngineQueue, int, Task> measure)
    {
        await using var server = await TestRedis.StartAsync(RedisEngine.Redis);
        await using var redis = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString);
        await measure(new EngineQueue(redis), server.Port);
    }

    private async Task CycleAsync(EngineQueue queue, int port)
    {
        await BareMoves.SeedAsync(queue.Redis, Million);
        var (cycles, bare) = (new List<CycleRun>(), new List<double>());
        for (var turn = 0; turn < 3; turn++)
        {
            cycles.Add(await new Cycle(queue).RunAsync(WarmUp, Turn));
            bare.Add(await new BareMoves(port).RunAsync(Million, Turn));
        }

        var best = Median(cycles.Select(c => c.CardsPerSecond));
        _cardsPerSecond = best;
        report.Add(new Figure("whole cycle, 1 M cards, 50 accounts, 100 cards a call", best, "cards/s", 100_000, Note: string.Create(
            CultureInfo.InvariantCulture,
            $"Redis {Median(cycles.Select(c => c.ServerMicrosecondsPerCard)):F1} us a card, this process {Median(cycles.Select(c => c.ClientMicrosecondsPerCard)):F1} us, {cycles.Average(c => c.CardsPerCall):F1} cards a call")));
        report.Add(new Figure("  / its six moves as bare pipelined commands", best / Median(bare), "x", 1, Note: string.Create(
            CultureInfo.InvariantCulture, $"bare {Median(bare):F0} cards/s")));
    }

    private async Task BullMqAsync(EngineQueue queue, int port)
    {
        try
        {
            var cycle = await new Cycle(queue).RunAsync(WarmUp, Turn);
            var (whole, processing) = await BullMqRun.MeasureAsync(port);
            var note = string.Create(CultureInfo.InvariantCulture, $"BullMQ {{0}} jobs/s, this {cycle.CardsPerSecond:F0} cards/s, scheduling included");
            report.Add(new Figure(BullMqFigure, cycle.CardsPerSecond / whole, "x", 10, Note: string.Format(CultureInfo.InvariantCulture, note, whole)));
            report.Add(new Figure("  / the same, jobs added before", cycle.CardsPerSecond / processing, "x", 10, Note: string.Format(CultureInfo.InvariantCulture, note, processing)));
        }
        catch (InvalidOperationException e)
        {
            report.Add(new Figure(BullMqFigure, null, "x", 10, Note: e.Message));
        }
    }

    private async Task QuotasAsync(EngineQueue queue)
    {
        var (on, off) = (new List<double>(), new List<double>());
        for (var turn = 0; turn < 3; turn++)
        {
            on.Add((await new Cycle(queue).RunAsync(WarmUp, Turn)).CardsPerSecond);
            off.Add((await new Cycle(queue) { WithQuotas = false }.RunAsync(WarmUp, Turn)).CardsPerSecond);
        }

        report.Add(new Figure("  permits and quotas on / off", Median(on) / Median(off), "x", 0.9, Note: string.Create(
            CultureInfo.InvariantCulture, $"off {Median(off):F0} cards/s")));
    }

    private async Task AppendOnlyAsync(EngineQueue queue)
    {
        var (with, without) = (new List<double>(), new List<double>());
        for (var turn = 0; turn < 3; turn++)
        {
            without.Add((await new Cycle(queue).RunAsync(WarmUp, Turn)).CardsPerSecond);
            await queue.AppendOnlyAsync(true);
            with.Add((await new Cycle(queue).RunAsync(WarmUp, Turn)).CardsPerSecond);
            await queue.AppendOnlyAsync(false);
        }

        report.Add(new Figure("  AOF everysec / without", Median(with) / Median(without), "x", 0.85, Note: string.Create(
            CultureInfo.InvariantCulture, $"with {Median(with):F0} cards/s")));
    }

    private async Task SingleAsync(EngineQueue queue, int port)
    {
        await queue.FillAsync(Million, 1, TimeSpan.FromSeconds(12));
        var runs = new List<CycleRun>();
        for (var turn = 0; turn < 3; turn++)
        {
            runs.Add(await new Cycle(queue).RunAsync(WarmUp, Turn));
        }

        report.Add(new Figure("whole cycle, 1 M cards, 50 accounts, 1 card a call", Median(runs.Select(r => r.CardsPerSecond)), "cards/s", 40_000,
            Note: string.Create(CultureInfo.InvariantCulture,
                $"Redis {Median(runs.Select(r => r.ServerMicrosecondsPerCard)):F1} us a card, this process {Median(runs.Select(r => r.ClientMicrosecondsPerCard)):F1} us")));
    }

    private async Task LatenessAsync(EngineQueue queue, int port)
    {
        if (_cardsPerSecond is null)
        {
            await queue.FillAsync(Million, 100, Due(Million));
            _cardsPerSecond = (await new Cycle(queue).RunAsync(WarmUp, Turn)).CardsPerSecond;
        }

        // Placed as if they were checked just now: the first is due after six tenths of the interval.
        var interval = TimeSpan.FromSeconds(Million / (_cardsPerSecond.Value / 2));
        await queue.FillAsync(Million, 100, interval, checkedBefore: -TimeSpan.FromSeconds(5));
        var run = await new Cycle(queue) { Saturates = false }.RunAsync(interval * 1.2 + TimeSpan.FromSeconds(15), interval);
        report.Add(new Figure("lateness p99 at half of that capacity", run.LatenessMsAt(0.99) / 1000, "s", 1, AtMost: true, Note: string.Create(
            CultureInfo.InvariantCulture, $"{run.CardsPerSecond:F0} cards/s, {run.CardsPerCall:F1} cards a call, median {run.LatenessMsAt(0.5):F0} ms, longest {run.LatenessMsAt(1):F0} ms")));
    }

    private async Task MemoryAndAuditAsync(EngineQueue queue, IReadOnlyCollection<string> rows)
    {
        await queue.PublishAsync(100, TimeSpan.FromHours(1));
        var before = await queue.UsedMemoryAsync();
        foreach (var type in TaskTypes.All)
        {
            await queue.PlaceAsync(type, Million, TimeSpan.FromSeconds(0));
        }

        if (rows.Contains("memory"))
        {
            report.Add(new Figure("Redis memory a card: three tasks scheduled, and the cache", (await queue.UsedMemoryAsync() - before) / Million, "bytes", 400, AtMost: true));
        }

        if (rows.Contains("audit"))
        {
            var (cpu, took) = await new AuditCost(queue).MeasureAsync(Million);
            // Paced to a quarter of an hour for ten million cards; the other figures follow from what it cost Redis.
            var tenMillion = TimeSpan.FromMinutes(15);
            report.Add(new Figure("audit of 10 M cards in 15 min: share of Redis' CPU", cpu.TotalSeconds * 10 / tenMillion.TotalSeconds * 100, "%", 5, AtMost: true,
                Note: string.Create(CultureInfo.InvariantCulture, $"1 M cards, three tasks: {cpu.TotalSeconds:F1} s of Redis, {took.TotalSeconds:F1} s without pauses")));
        }
    }

    private async Task ScaleAsync()
    {
        var costs = new Dictionary<int, double>();
        foreach (var cards in new[] { Million, 10 * Million })
        {
            await OnRedisAsync(async (queue, _) =>
            {
                await queue.FillAsync(cards, 100, Due(cards));
                var runs = new List<double>();
                for (var turn = 0; turn < 3; turn++)
                {
                    runs.Add((await new Cycle(queue).RunAsync(WarmUp, Turn)).ServerMicrosecondsPerCard);
                }

                costs[cards] = Median(runs);
            });
        }

        report.Add(new Figure("cost a card at 10 M / at 1 M, phased due times", costs[10 * Million] / costs[Million], "x", 1.3, AtMost: true, Note: string.Create(
            CultureInfo.InvariantCulture, $"Redis {costs[10 * Million]:F1} us and {costs[Million]:F1} us a card")));
    }

    private async Task IdleAsync()
    {
        try
        {
            await using var system = await IdleSystem.StartAsync(Million);
            var idle = await system.MeasureAsync(TimeSpan.FromSeconds(30));
            report.Add(new Figure("idle, 1 M cards, none due, 2 schedulers, 4 executors", idle.ScriptsPerSecond, "scripts/s", 60, AtMost: true, Note: string.Create(
                CultureInfo.InvariantCulture, $"{idle.CommandsPerSecond:F0} commands/s in all, scripts' own included; {idle.Scripts}")));
            report.Add(new Figure("  the busiest process' CPU", idle.BusiestPercent, "% of a core", 2, AtMost: true, Note: idle.Busiest));
            var starts = await system.RequestAsync(ManualRequestCount);
            report.Add(new Figure("  a card asked for by hand: longest until its call", starts[^1].TotalMilliseconds, "ms", 100, AtMost: true, Note: string.Create(
                CultureInfo.InvariantCulture, $"{ManualRequestCount} requests, median {starts[ManualRequestCount / 2].TotalMilliseconds:F0} ms")));
        }
        catch (Exception e) when (e is LocalServerException or InvalidOperationException)
        {
            report.Add(new Figure("idle, 1 M cards, none due, 2 schedulers, 4 executors", null, "scripts/s", 60, AtMost: true, Note: e.Message));
        }
    }
}
