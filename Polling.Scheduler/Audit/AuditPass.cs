using Microsoft.Extensions.Options;
using Npgsql;
using Polling.Core.Configuration;
using Polling.Core.Persistence;
using Polling.Core.Queue.Audit;
using Polling.Core.Queue.Configuration;
using Polling.Core.Queue.Epochs;
using Polling.Core.Queue.Facts;
using Polling.Core.Queue.Placement;
using Polling.Core.Statistics;
using Polling.Scheduler.Passes;

namespace Polling.Scheduler.Audit;

/// <summary>
/// The rolling audit: compares every card of PostgreSQL with its places in Redis, page by page, round after round, and mends what is
/// missing. One scheduler at a time.
/// </summary>
/// <remarks>
/// <para>What the cache does not know, or knows too little of, is placed at once; placing bears any repetition. A card that has been
/// placed and is in no schedule is most likely queued or leased: only when it still is not there in a later round, more than a lease
/// after, all its places are looked at in one script.</para>
/// <para>Configurations that were switched on take effect here too: their cards are placed.</para>
/// </remarks>
internal sealed partial class AuditPass(
    NpgsqlDataSource postgres, QueueAudit audit, CardPages pages, CardPlacement placement, EpochKeeper epochs, ConfigurationPublisher publisher,
    InitialisationProgressStore initialisation, IOptions<AuditOptions> options, TimeProvider time, ILogger<AuditPass> logger)
    : SingletonPass(postgres, "audit", time, logger)
{
    private const int PageSize = 5_000;
    private static readonly TimeSpan NotYet = TimeSpan.FromSeconds(1);
    private readonly Dictionary<(TaskType Type, long CardId), Missing> _missing = [];
    private long _cursor;
    private int _round;
    private int _placed;
    private int _adopted;

    protected override async Task<TimeSpan> RunHeldAsync(CancellationToken cancellation)
    {
        if (await initialisation.ReadAsync() is not { State: InitialisationState.Done })
        {
            _cursor = 0;
            return NotYet;
        }

        var rows = await pages.ReadPageAsync(_cursor, PageSize, cancellation);
        foreach (var type in TaskTypes.Polled)
        {
            await AuditPageAsync(type, rows, cancellation);
        }

        _cursor = rows.Count == 0 ? _cursor : rows[^1].Id;
        return rows.Count == PageSize ? TimeSpan.FromMilliseconds(options.Value.PagePauseMs) : await EndRoundAsync(cancellation);
    }

    private async Task AuditPageAsync(TaskType type, List<CardRow> rows, CancellationToken cancellation)
    {
        var facts = rows.ConvertAll(CardPlacement.FactsOf);
        var findings = await audit.LookAsync(type, facts);
        var toPlace = new List<CardRow>();
        var lost = new List<CardFacts>();
        var now = Time.GetUtcNow();
        for (var i = 0; i < findings.Length; i++)
        {
            var key = (type, facts[i].CardId);
            if (findings[i] != AuditFinding.NotScheduled)
            {
                _missing.Remove(key);
                if (findings[i] == AuditFinding.ToPlace)
                {
                    toPlace.Add(rows[i]);
                }

                continue;
            }

            var since = _missing.TryGetValue(key, out var missing) ? missing.Since : now;
            if (now - since >= TimeSpan.FromSeconds(options.Value.MissingSeconds))
            {
                lost.Add(facts[i]);
                since = now;
            }

            _missing[key] = new Missing(since, _round);
        }

        if (toPlace.Count + lost.Count > 0)
        {
            var epoch = await epochs.EnsureAsync(type, cancellation);
            _placed += (await placement.PlaceRowsAsync(type, epoch, toPlace)).Placed;
            _adopted += lost.Count == 0 ? 0 : await audit.AdoptAsync(type, epoch, lost, await publisher.PublishAsync(cancellation));
        }
    }

    private async Task<TimeSpan> EndRoundAsync(CancellationToken cancellation)
    {
        var mended = 0;
        var accounts = await publisher.PublishAsync(cancellation);
        foreach (var type in TaskTypes.Polled)
        {
            mended += await audit.SettleAsync(type, accounts);
        }

        if (_placed + _adopted + mended > 0)
        {
            LogMended(logger, _placed, _adopted, mended);
        }

        // Cards that this round did not see any more were deleted.
        foreach (var key in _missing.Where(m => m.Value.Round != _round).Select(m => m.Key).ToArray())
        {
            _missing.Remove(key);
        }

        (_cursor, _placed, _adopted) = (0, 0, 0);
        _round++;
        return PauseBeforeRound();
    }

    // A card that may soon count as lost is looked at again when it does, not up to a whole pause later.
    private TimeSpan PauseBeforeRound()
    {
        var (longest, least) = (TimeSpan.FromSeconds(options.Value.RoundPauseSeconds), TimeSpan.FromMilliseconds(options.Value.PagePauseMs));
        if (_missing.Count == 0 || longest <= least)
        {
            return longest;
        }

        var soonest = _missing.Values.Min(missing => missing.Since) + TimeSpan.FromSeconds(options.Value.MissingSeconds) - Time.GetUtcNow();
        return soonest < least ? least : soonest < longest ? soonest : longest;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The audit placed {Placed} cards, gave {Adopted} lost cards a place again, and mended {Mended} entries of the queue")]
    private static partial void LogMended(ILogger logger, int placed, int adopted, int mended);

    private readonly record struct Missing(DateTimeOffset Since, int Round);
}
