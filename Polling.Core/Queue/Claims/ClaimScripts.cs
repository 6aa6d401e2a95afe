using System.Globalization;
using Polling.Core.Configuration;
using Polling.Core.Queue.Facts;
using Polling.Core.Queue.Lateness;
using Polling.Core.Queue.Quarantine;
using Polling.Core.Queue.Quotas;
using Polling.Core.Queue.Scripts;
using StackExchange.Redis;

namespace Polling.Core.Queue.Claims;

/// <summary>Answer to a claim.</summary>
/// <param name="Calls">Calls handed out; empty when there is nothing to do or no permit is free.</param>
/// <param name="PermitsHeld">Permits held now.</param>
/// <param name="PermitsAllowed">Permits allowed.</param>
/// <param name="ExpiredLeases">Leases that had expired and were put back on this occasion.</param>
public sealed record ClaimReply(IReadOnlyList<ClaimedCall> Calls, int PermitsHeld, int PermitsAllowed, int ExpiredLeases);

/// <summary>A claimed card's facts.</summary>
/// <param name="Facts">Its facts, or null when the cache does not know it: it was deleted.</param>
/// <param name="IntervalMs">Its interval; 0 = no configuration applies, it is not to be asked.</param>
public readonly record struct ClaimedFacts(CardFacts? Facts, long IntervalMs);

/// <summary>Claims calls, reads their cards' facts, returns calls that were not sent, and ends permits.</summary>
public sealed class ClaimScripts(ScriptRunner scripts, RedisKeys keys)
{
    private const int ExpiredPerClaim = 20;
    private const int CardsPerScript = 500;

    /// <summary>Claims up to <paramref name="callsMax"/> calls.</summary>
    /// <param name="type">Task type.</param>
    /// <param name="executor">Name of the claimer, unique to a process' life.</param>
    /// <param name="sequence">Grows with each claim; the same again returns the same calls.</param>
    /// <param name="callsMax">At most so many.</param>
    /// <param name="lease">How long the calls' cards are the claimer's.</param>
    /// <param name="permit">How long a permit counts as held when it is not released; the longest that a call can take.</param>
    public async Task<ClaimReply> ClaimAsync(TaskType type, string executor, long sequence, int callsMax, TimeSpan lease, TimeSpan permit)
    {
        RedisKey[] all =
        [
            keys.Epoch(type), keys.Queue(type), keys.Chunks(type), keys.Fair(type), keys.Leases(type), keys.Calls(type), keys.Permits(type),
            keys.ConcurrencyCurrent(type), keys.ConcurrencyConfig(type), keys.Claim(type, executor), keys.Failures(type), keys.Quarantine(type),
        ];
        var reply = (RedisResult[])(await scripts.RunAsync("claim", all,
            [sequence, callsMax, (long)lease.TotalMilliseconds, (long)permit.TotalMilliseconds, ExpiredPerClaim, QuarantineScripts.FailuresMax]))!;
        var now = (long)reply[0];
        var epoch = long.Parse((string)reply[1]!, CultureInfo.InvariantCulture);
        var permitsGone = (long)reply[5];
        var calls = new ClaimedCall[(reply.Length - 6) / 2];
        for (var i = 0; i < calls.Length; i++)
        {
            calls[i] = ClaimedCall.Parse(type, epoch, now, (string)reply[6 + i * 2]!, (string)reply[7 + i * 2]!) with { PermitsGoneMs = permitsGone };
        }

        return new ClaimReply(calls, (int)reply[2], (int)reply[3], (int)reply[4]);
    }

    /// <summary>Facts of a call's cards, in their order.</summary>
    public async Task<ClaimedFacts[]> ReadFactsAsync(TaskType type, IReadOnlyList<DueCard> cards)
    {
        var facts = new ClaimedFacts[cards.Count];
        for (var from = 0; from < cards.Count; from += CardsPerScript)
        {
            var count = Math.Min(CardsPerScript, cards.Count - from);
            var buckets = new BucketKeys(keys, type);
            var arguments = new RedisValue[1 + count * 2];
            arguments[0] = count;
            for (var i = 0; i < count; i++)
            {
                arguments[1 + i * 2] = cards[from + i].CardId;
                arguments[2 + i * 2] = buckets.NumberOf(cards[from + i].CardId);
            }

            var reply = (RedisResult[])(await scripts.RunAsync("facts", [keys.Accounts(type), .. buckets.Keys], arguments))!;
            for (var i = 0; i < count; i++)
            {
                var packed = (byte[])reply[i * 2]!;
                var card = packed.Length == 0 ? null : CardFactsCodec.Unpack(cards[from + i].CardId, packed);
                facts[from + i] = new ClaimedFacts(card, (long)reply[i * 2 + 1]);
            }
        }

        return facts;
    }

    /// <summary>Gives a call back unsent; its account is not promoted again before <paramref name="pause"/> is over.</summary>
    /// <param name="call">The call.</param>
    /// <param name="pause">How long the account rests.</param>
    /// <param name="refusal">Why its account refused it; None = it was given up for a reason of ours.</param>
    /// <returns>False when the lease was no longer ours.</returns>
    public async Task<bool> ReturnAsync(ClaimedCall call, TimeSpan pause, QuotaRefusal refusal = QuotaRefusal.None)
    {
        var type = call.Type;
        RedisKey[] all =
        [
            keys.Epoch(type), keys.Leases(type), keys.Calls(type), keys.Permits(type), keys.ConcurrencyCurrent(type), keys.Wake(type),
            keys.Schedule(type, call.AccountId), keys.Fair(type), keys.Manual(type), keys.ManualOf(type, call.AccountId),
        ];
        var cause = refusal switch
        {
            QuotaRefusal.None => LatenessCause.OnTime,
            QuotaRefusal.Circuit => LatenessCause.Breaker,
            _ => LatenessCause.Quota,
        };
        var tooFast = refusal is QuotaRefusal.Rate or QuotaRefusal.InFlight;
        var reply = (RedisResult[])(await scripts.RunAsync("return", all,
            [call.Epoch, call.Id, (long)pause.TotalMilliseconds, LatenessCauses.Letter(cause).ToString(), tooFast ? 1 : 0]))!;
        return (int)reply[0] == 1;
    }

    /// <summary>Ends the call's permit: the gateway has answered, or never will.</summary>
    public Task ReleaseAsync(ClaimedCall call) =>
        scripts.RunAsync("release", [keys.Permits(call.Type), keys.ConcurrencyCurrent(call.Type)], [call.Id]);
}
