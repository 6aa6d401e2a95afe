using System.Globalization;
using Polling.Core.Configuration;
using Polling.Core.Queue.Claims;
using Polling.Core.Queue.Scripts;
using StackExchange.Redis;

namespace Polling.Core.Queue.Lateness;

/// <summary>Tells of one card where it is, how late it is and why. For people: it may search all leases.</summary>
public sealed class CardPlaceReader(ScriptRunner scripts, RedisKeys keys)
{
    // A chunk has no call yet; it is read as one.
    private const string NoCall = "0:0:0";
    private const int MicrosecondsPerMs = 1000;

    /// <summary>Reads a card's place.</summary>
    /// <param name="type">Task type.</param>
    /// <param name="cardId">The card.</param>
    /// <param name="accountIds">All accounts: a card that was moved lies in its old one's schedule until it is due.</param>
    public async Task<CardPlace> ReadAsync(TaskType type, long cardId, IReadOnlyCollection<int> accountIds)
    {
        ArgumentNullException.ThrowIfNull(accountIds);
        RedisKey[] all =
        [
            keys.Queue(type), keys.Chunks(type), keys.Calls(type), keys.Leases(type), keys.Quarantine(type), keys.Fair(type),
            .. accountIds.Select(a => keys.Schedule(type, a)),
        ];
        var reply = (RedisResult[])(await scripts.RunAsync("locate", all, [cardId, .. accountIds.Select(a => (RedisValue)a)]))!;
        var (now, permitsGone) = ((long)reply[0], (long)reply[1]);
        return (string?)reply[2] switch
        {
            "s" => Scheduled(now, (int)reply[3], (long)reply[4], (string?)reply[5]),
            "q" => Queued(type, cardId, now, permitsGone, (string)reply[3]!),
            "l" => Leased(type, cardId, now, permitsGone, (string)reply[3]!, (long)reply[4], (string)reply[5]!),
            "x" => new CardPlace(PlaceKind.Quarantine, At(now)) { Since = At((long)reply[3]) },
            _ => new CardPlace(PlaceKind.None, At(now)),
        };
    }

    private static CardPlace Scheduled(long now, int account, long due, string? waitsFor)
    {
        // A late card of an account for which promotion has noted nothing was not looked at: no scheduler was there.
        var cause = now - due < LatenessCauses.OnTimeWithin.TotalMilliseconds ? LatenessCause.OnTime
            : string.IsNullOrEmpty(waitsFor) ? LatenessCause.Worker
            : LatenessCauses.Of(waitsFor);
        return Late(new CardPlace(PlaceKind.Schedule, At(now)) { AccountId = account }, due, now, cause);
    }

    private static CardPlace Queued(TaskType type, long cardId, long now, long permitsGone, string payload)
    {
        if (payload.Length == 0)
        {
            return new CardPlace(PlaceKind.Queue, At(now));
        }

        var chunk = ClaimedCall.Parse(type, 0, now, NoCall, payload) with { PermitsGoneMs = permitsGone };
        return Late(
            new CardPlace(PlaceKind.Queue, At(now)) { AccountId = chunk.AccountId, Since = At(chunk.AdmittedMs), Attempts = chunk.Attempts },
            chunk, cardId, now);
    }

    private static CardPlace Leased(TaskType type, long cardId, long now, long permitsGone, string id, long until, string payload)
    {
        // A token is the time of its claim, microseconds.
        var claimed = long.Parse(id.AsSpan(0, id.IndexOf(':', StringComparison.Ordinal)), CultureInfo.InvariantCulture) / MicrosecondsPerMs;
        var call = ClaimedCall.Parse(type, 0, claimed, id, payload) with { PermitsGoneMs = permitsGone };
        var place = new CardPlace(PlaceKind.Lease, At(now))
        {
            AccountId = call.AccountId,
            Since = At(claimed),
            LeaseUntil = At(until),
            Call = id,
            Executor = call.Holder,
            Attempts = call.Attempts,
        };
        return Late(place, call, cardId, claimed);
    }

    private static CardPlace Late(CardPlace place, ClaimedCall call, long cardId, long until)
    {
        var at = Enumerable.Range(0, call.Cards.Count).Single(i => call.Cards[i].CardId == cardId);
        var card = call.Cards[at];
        return Late(place with { Trigger = call.IsManual ? call.Triggers[at] : null }, card.DueMs, until, call.CauseOf(card, until));
    }

    private static CardPlace Late(CardPlace place, long due, long until, LatenessCause cause) => place with
    {
        DueAt = At(due),
        Lateness = until > due ? TimeSpan.FromMilliseconds(until - due) : TimeSpan.Zero,
        Cause = cause,
    };

    private static DateTimeOffset At(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms);
}
