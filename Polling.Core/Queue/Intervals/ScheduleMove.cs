using Polling.Core.Persistence;
using Polling.Core.Queue.Audit;
using Polling.Core.Queue.Placement;
using Polling.Core.Scheduling;
using StackExchange.Redis;

namespace Polling.Core.Queue.Intervals;

/// <summary>What moving a schedule came to, in cards.</summary>
/// <param name="Moved">Another due time.</param>
/// <param name="Ended">Not polled any more.</param>
/// <param name="Placed">Polled from now on.</param>
public readonly record struct MoveCounts(int Moved, int Ended, int Placed);

/// <summary>
/// Brings an account's schedule to its rules of now: the scheduled cards page by page, then, if the rules may have more cards polled than before, those
/// that were not. Harmless to repeat, and to stop anywhere.
/// </summary>
/// <remarks>
/// ZSCAN brings every card that lies in the schedule all the time at least once. One that leaves it meanwhile and comes back was completed by the rules
/// of now. When a card was last checked is known to PostgreSQL; it is asked only about cards whose due time lies on no grid of the rules.
/// </remarks>
public sealed class ScheduleMove(
    MoveScript script, CardPages pages, QueueAudit audit, CardPlacement placement, RedisKeys keys, IConnectionMultiplexer redis)
{
    private const int PagesAtOnce = 3;
    private const int CardsPerPage = 5_000;

    /// <summary>Moves it.</summary>
    /// <param name="change">What has changed.</param>
    /// <param name="epoch">Epoch in force.</param>
    /// <param name="goOn">Asked before each page.</param>
    /// <param name="cancellation">Cancels.</param>
    /// <returns>Null: it was stopped, or the rules are others by now.</returns>
    /// <exception cref="QueueEpochChangedException">Redis lost data since the epoch was read.</exception>
    public async Task<MoveCounts?> RunAsync(ChangedIntervals change, string epoch, Func<Task<bool>> goOn, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(change);
        ArgumentNullException.ThrowIfNull(goOn);
        return await MoveScheduledAsync(change, epoch, goOn, cancellation) is not { } counts ? null
            : change.Before?.Cover(change.Rules) == true ? counts
            : await PlaceOthersAsync(change, epoch, goOn, cancellation) is { } placed ? counts with { Placed = placed }
            : null;
    }

    private async Task<MoveCounts?> MoveScheduledAsync(ChangedIntervals change, string epoch, Func<Task<bool>> goOn, CancellationToken cancellation)
    {
        var (moved, ended) = (0, 0);
        var running = new Queue<Task<MoveReply?>>();
        try
        {
            await foreach (var page in PagesAsync(change, cancellation))
            {
                if ((running.Count == PagesAtOnce && !Add(await running.Dequeue())) || !await goOn())
                {
                    return null;
                }

                running.Enqueue(MovePageAsync(change, epoch, page, cancellation));
            }

            while (running.TryDequeue(out var last))
            {
                if (!Add(await last))
                {
                    return null;
                }
            }
        }
        finally
        {
            await ((Task)Task.WhenAll(running)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return new MoveCounts(moved, ended, 0);

        bool Add(MoveReply? reply)
        {
            (moved, ended) = (moved + (reply?.Moved ?? 0), ended + (reply?.Ended ?? 0));
            return reply is not null;
        }
    }

    private async IAsyncEnumerable<List<SortedSetEntry>> PagesAsync(
        ChangedIntervals change, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        var page = new List<SortedSetEntry>(MoveScript.CardsPerScript);
        var scan = redis.GetDatabase().SortedSetScanAsync(keys.Schedule(change.Type, change.AccountId), pageSize: MoveScript.CardsPerScript);
        await foreach (var card in scan.WithCancellation(cancellation))
        {
            page.Add(card);
            if (page.Count == MoveScript.CardsPerScript)
            {
                yield return page;
                page = new List<SortedSetEntry>(MoveScript.CardsPerScript);
            }
        }

        if (page.Count > 0)
        {
            yield return page;
        }
    }

    private async Task<MoveReply?> MovePageAsync(ChangedIntervals change, string epoch, List<SortedSetEntry> page, CancellationToken cancellation)
    {
        var cards = page.ConvertAll(card => (long)card.Element);
        var intervals = change.Rules.Rules.Select(rule => rule.IntervalMs).Distinct().ToArray();
        var open = page.Where(card => !intervals.Any(interval => PhaseGrid.Holds((long)card.Element, interval, (long)card.Score))).Select(card => (long)card.Element).ToArray();
        var reply = await MoveAsync(cards, open);

        // Those whose due time lies on the grid of another rule than theirs.
        return reply is { Open.Count: > 0 } && await MoveAsync(reply.Open, reply.Open) is var rest
            ? rest is null ? null : new MoveReply(reply.Moved + rest.Moved, reply.Ended + rest.Ended, [])
            : reply;

        async Task<MoveReply?> MoveAsync(IReadOnlyList<long> ids, IReadOnlyList<long> lookedUp) => await script.MoveAsync(
            change.Type, epoch, change.AccountId, change.Rules.ToString(), ids, await pages.ReadChecksAsync(change.Type, lookedUp, cancellation));
    }

    private async Task<int?> PlaceOthersAsync(ChangedIntervals change, string epoch, Func<Task<bool>> goOn, CancellationToken cancellation)
    {
        var placed = 0;
        for (var after = 0L; ;)
        {
            if (!await goOn())
            {
                return null;
            }

            var cards = await pages.ReadFactsPageOfAccountAsync(change.AccountId, after, CardsPerPage, cancellation);
            var findings = await audit.LookAsync(change.Type, cards);
            long[] missing = [.. cards.Where((_, i) => findings[i] == AuditFinding.ToPlace).Select(card => card.CardId)];
            if (missing.Length > 0)
            {
                placed += (await placement.PlaceRowsAsync(change.Type, epoch, await pages.ReadAsync(missing, cancellation), PlacementKind.Afresh)).Placed;
            }

            if (cards.Count < CardsPerPage)
            {
                return placed;
            }

            after = cards[^1].CardId;
        }
    }
}
