using Microsoft.Extensions.Options;
using Npgsql;
using Polling.Core.Configuration;
using Polling.Core.Persistence;
using Polling.Core.Queue.Audit;
using Polling.Core.Queue.Configuration;
using Polling.Core.Queue.Epochs;
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
/// placed and is in no schedule is most likely queued or leased: it is looked at again when a lease is over, and if it still is not
/// there, in all its places in one script.</para>
/// <para>Rounds that find nothing are slow: they cost next to nothing. As soon as something was missing, they hurry.</para>
/// </remarks>
internal sealed partial class AuditPass(
    NpgsqlDataSource postgres, QueueAudit audit, CardPages pages, CardPlacement placement, EpochKeeper epochs, ConfigurationPublisher publisher,
    InitialisationProgressStore initialisation, IOptions<AuditOptions> options, TimeProvider time, ILogger<AuditPass> logger)
    : SingletonPass(postgres, "audit", time, logger)
{
    private const int PageSize = 5_000;

    // So many cards are looked at without a rest: a small fleet's audit is always quick.
    private const int CardsBeforeRest = 10_000;
    private static readonly TimeSpan LongestRound = TimeSpan.FromMinutes(13);
    private static readonly TimeSpan NotYet = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LeastWait = TimeSpan.FromMilliseconds(50);
    private readonly Suspects _suspects = new();
    private DateTimeOffset _nextPageAt;
    private long _cursor;
    private int _cards;
    private int _cardsOfLastRound;
    private int _placed;
    private int _adopted;

    // At first, after Redis was lost, and as long as something is found.
    private bool _hurries = true;

    protected override async Task<TimeSpan> RunHeldAsync(CancellationToken cancellation)
    {
        if (await initialisation.ReadAsync() is not { State: InitialisationState.Done })
        {
            (_cursor, _cards, _hurries) = (0, 0, true);
            return NotYet;
        }

        await LookAgainAsync(cancellation);
        if (Time.GetUtcNow() >= _nextPageAt)
        {
            _nextPageAt = Time.GetUtcNow() + await AuditPageAsync(cancellation);
        }

        var next = _suspects.FirstSince + TimeSpan.FromSeconds(options.Value.MissingSeconds) is { } due && due < _nextPageAt ? due : _nextPageAt;
        var wait = next - Time.GetUtcNow();
        return wait > LeastWait ? wait : LeastWait;
    }

    // Returns how long to rest after it.
    private async Task<TimeSpan> AuditPageAsync(CancellationToken cancellation)
    {
        // A look takes longer the busier the machine is. Counting from its beginning is safe: adoption looks at all places at once.
        var since = Time.GetUtcNow();
        var cards = await pages.ReadFactsPageAsync(_cursor, PageSize, cancellation);
        var findings = await audit.LookAsync(TaskTypes.Polled, cards);
        for (var t = 0; t < findings.Length; t++)
        {
            var toPlace = new List<long>();
            for (var i = 0; i < cards.Count; i++)
            {
                if (findings[t][i] == AuditFinding.NotScheduled)
                {
                    _suspects.Add(TaskTypes.Polled[t], cards[i].CardId, since);
                }
                else if (findings[t][i] == AuditFinding.ToPlace)
                {
                    toPlace.Add(cards[i].CardId);
                }
            }

            if (toPlace.Count > 0)
            {
                var epoch = await epochs.EnsureAsync(TaskTypes.Polled[t], cancellation);
                _placed += (await placement.PlaceRowsAsync(TaskTypes.Polled[t], epoch, await pages.ReadAsync(toPlace, cancellation))).Placed;
            }
        }

        _cards += cards.Count;
        _cursor = cards.Count == 0 ? _cursor : cards[^1].CardId;
        return cards.Count == PageSize ? Rest() : await EndRoundAsync(cancellation);
    }

    // Those that may count as lost now.
    private async Task LookAgainAsync(CancellationToken cancellation)
    {
        foreach (var (type, ids) in _suspects.Take(Time.GetUtcNow() - TimeSpan.FromSeconds(options.Value.MissingSeconds), PageSize))
        {
            var cards = await pages.ReadFactsAsync(ids, cancellation);
            var findings = await audit.LookAsync(type, cards);
            var lost = cards.Where((_, i) => findings[i] == AuditFinding.NotScheduled).ToArray();
            if (lost.Length > 0)
            {
                var epoch = await epochs.EnsureAsync(type, cancellation);
                _adopted += await audit.AdoptAsync(type, epoch, lost, await publisher.PublishAsync(cancellation));
            }
        }
    }

    private TimeSpan Rest()
    {
        var hurried = TimeSpan.FromMilliseconds(options.Value.PagePauseMs);
        if (_hurries || _placed + _adopted > 0 || _cards <= CardsBeforeRest)
        {
            return hurried;
        }

        var calm = TimeSpan.FromMilliseconds(options.Value.CalmPagePauseMs);
        var longest = LongestRound * PageSize / Math.Max(_cardsOfLastRound, PageSize);
        var rest = calm < longest ? calm : longest;
        return rest > hurried ? rest : hurried;
    }

    private async Task<TimeSpan> EndRoundAsync(CancellationToken cancellation)
    {
        var mended = 0;
        var accounts = await publisher.PublishAsync(cancellation);
        foreach (var type in TaskTypes.Polled)
        {
            mended += await audit.SettleAsync(type, accounts);
        }

        _hurries = _placed + _adopted + mended > 0;
        if (_hurries)
        {
            LogMended(logger, _placed, _adopted, mended);
        }

        _cardsOfLastRound = _cards;
        (_cursor, _cards, _placed, _adopted) = (0, 0, 0, 0);
        return TimeSpan.FromSeconds(options.Value.RoundPauseSeconds);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The audit placed {Placed} cards, gave {Adopted} lost cards a place again, and mended {Mended} entries of the queue")]
    private static partial void LogMended(ILogger logger, int placed, int adopted, int mended);
}
