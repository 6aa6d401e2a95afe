using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Polling.Benchmarks.Cards;
using Polling.Benchmarks.Figures;
using Polling.Benchmarks.Processes;
using Polling.Core.Cards;
using Polling.Core.Configuration;
using Polling.Core.Persistence.Results;
using Polling.Core.Persistence.Usage;

namespace Polling.Benchmarks.Pipeline;

/// <summary>The writer of results alone: the executors' statements, batches and connections, on a durable PostgreSQL, with nothing else to do.</summary>
internal sealed class WriterRow(FigureReport report)
{
    private const int Cards = 1_000_000;
    private const int Accounts = 24;
    private const int Seed = 1;

    // As the executors: two of them with two writers each, which take what has gathered.
    private const int Writers = 4;
    private const int BatchCards = 5_000;

    // The first of a fleet are inserts, all others updates.
    private const int SweepCards = 600_000;

    // What gathers where calls are of one card each.
    private const int FewCards = 10;
    private const int FewSweepCards = 40_000;
    private static readonly TimeSpan Step = TimeSpan.FromHours(2);

    public async Task MeasureAsync()
    {
        await using var system = await BenchmarkSystem.StartAsync(durable: true);
        var spread = CardSpread.Of(Cards, Accounts);
        await new CardWriter(system.Postgres, spread).WriteAsync(new CardGenerator(spread, Seed, 1).Generate(), _ => { }, CancellationToken.None);
        var start = DateTimeOffset.UtcNow;
        await new UsagePartitions(system.Postgres, NullLogger<UsagePartitions>.Instance).EnsureAsync(start, CancellationToken.None);
        var cards = await ReadCardsAsync(system);
        new Random(Seed).Shuffle(cards);
        cards = cards[..SweepCards];
        await using var store = new ResultStore(system.Postgres, NullLogger<ResultStore>.Instance);
        foreach (var (type, name) in new[] { (TaskType.Carddata, "usage"), (TaskType.Realname, "real-name") })
        {
            await MeasureAsync(system, store, cards, BatchCards, type, 1, start, $"first {name} results committed, durable, the writer alone");
            await MeasureAsync(system, store, cards, BatchCards, type, 2, start, $"next {name} results");
            await MeasureAsync(system, store, cards[..FewSweepCards], FewCards, type, 3, start, $"next {name} results, few at a time");
        }
    }

    private async Task MeasureAsync(
        BenchmarkSystem system, ResultStore store, (long Id, int Account)[] cards, int batch, TaskType type, int sweep, DateTimeOffset start, string name)
    {
        var before = ProcessMeter.CpuSeconds(system.PostgresPid, withChildren: true);
        var rate = await SweepAsync(store, cards, batch, type, sweep, start);
        var cpu = (ProcessMeter.CpuSeconds(system.PostgresPid, withChildren: true) - before) / cards.Length;
        report.Add(new Figure(name, rate, "checks/s", Note: $"{Writers} writers, {batch} cards a batch"));
        report.Add(new Figure("  PostgreSQL's processor time for one", cpu * 1e6, "µs"));
    }

    private static async Task<(long Id, int Account)[]> ReadCardsAsync(BenchmarkSystem system)
    {
        var cards = new List<(long, int)>(Cards);
        await using var command = system.Postgres.CreateCommand("SELECT id, account_id FROM tb_card WHERE status = 1");
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            cards.Add((reader.GetInt64(0), reader.GetInt32(1)));
        }

        return [.. cards];
    }

    /// <summary>Commits a result of each card.</summary>
    /// <returns>How many a second.</returns>
    private static async Task<double> SweepAsync(ResultStore store, (long Id, int Account)[] cards, int batch, TaskType type, int sweep, DateTimeOffset start)
    {
        var at = start + (Step * sweep);
        var next = -batch;
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(_ => Task.Run(async () =>
        {
            for (var from = Interlocked.Add(ref next, batch); from < cards.Length; from = Interlocked.Add(ref next, batch))
            {
                var rows = cards[from..Math.Min(cards.Length, from + batch)].Select((card, i) => new CardResult(
                    type, card.Id, card.Account, Epoch: 1, Token: (sweep * (long)Cards) + from + i, at, at.AddSeconds(1), PollOutcome.Success, null, 40,
                    Payload(type, card.Id, sweep))).ToArray();
                var committed = await store.CommitAsync(rows, CancellationToken.None);
                if (committed.AcceptedCount != rows.Length)
                {
                    throw new InvalidOperationException($"of {rows.Length} results {committed.AcceptedCount} counted");
                }
            }
        })));
        return cards.Length / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    // Each time some more usage; nobody's real name changes after the first time.
    private static ResultPayload Payload(TaskType type, long card, int sweep) => type == TaskType.Realname
        ? new RealNamePayload(card % 10 == 0 ? RealNameStatus.NotRealNamed : RealNameStatus.RealNamed)
        : new UsagePayload(null, (card % 1000 * 1_000_000) + (sweep * 4096L), null);
}
