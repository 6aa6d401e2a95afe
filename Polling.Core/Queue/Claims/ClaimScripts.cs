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
/// <param name="Head">The first bytes of the packed facts, which completion decides by.</param>
public readonly record struct ClaimedFacts(CardFacts? Facts, long IntervalMs, CardHead Head);

/// <summary>Facts of a call's cards.</summary>
/// <param name="Cards">Of each card, in their order.</param>
/// <param name="LastChange">Number of the last change of the cache that they contain.</param>
public sealed record CallFacts(IReadOnlyList<ClaimedFacts> Cards, long LastChange);

/// <summary>Claims calls, reads their cards' facts, returns calls that were not sent, and ends permits.</summary>
public sealed class ClaimScripts
{
    private const int ExpiredPerClaim = 20;
    private const int CardsPerRun = 1_000;
    private const int PermitsPerRun = 1_000;
    private readonly ScriptRunner _scripts;
    private readonly RedisKeys _keys;
    private readonly Dictionary<TaskType, ScriptBatcher<IReadOnlyList<DueCard>, CallFacts>> _facts;
    private readonly Dictionary<TaskType, ScriptBatcher<ClaimedCall, int>> _releases;

    /// <summary>The scripts over a connection. What many calls ask of the same script at about the same time goes in one run.</summary>
    public ClaimScripts(ScriptRunner scripts, RedisKeys keys)
    {
        (_scripts, _keys) = (scripts, keys);
        _facts = TaskTypes.All.ToDictionary(type => type, type => new ScriptBatcher<IReadOnlyList<DueCard>, CallFacts>(
            "facts", CardsPerRun, cards => cards.Count, batch => ReadFactsAsync(type, batch)));
        _releases = TaskTypes.All.ToDictionary(type => type, type => new ScriptBatcher<ClaimedCall, int>(
            "release", PermitsPerRun, _ => 1, batch => ReleaseAsync(type, batch)));
    }

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
            _keys.Epoch(type), _keys.Queue(type), _keys.Chunks(type), _keys.Fair(type), _keys.Leases(type), _keys.Calls(type), _keys.Permits(type),
            _keys.ConcurrencyCurrent(type), _keys.ConcurrencyConfig(type), _keys.Claim(type, executor), _keys.Failures(type), _keys.Quarantine(type),
        ];
        var reply = (RedisResult[])(await _scripts.RunAsync("claim", all,
            [sequence, callsMax, (long)lease.TotalMilliseconds, (long)permit.TotalMilliseconds, ExpiredPerClaim, QuarantineScripts.FailuresMax, executor]))!;
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
    public async Task<CallFacts> ReadFactsAsync(TaskType type, IReadOnlyList<DueCard> cards)
    {
        if (cards.Count <= CardsPerRun)
        {
            return await _facts[type].RunAsync(cards);
        }

        var parts = await Task.WhenAll(cards.Chunk(CardsPerRun).Select(chunk => _facts[type].RunAsync(chunk)));
        return new CallFacts([.. parts.SelectMany(part => part.Cards)], parts.Min(part => part.LastChange));
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
            _keys.Epoch(type), _keys.Leases(type), _keys.Calls(type), _keys.Permits(type), _keys.ConcurrencyCurrent(type), _keys.Wake(type),
            _keys.Schedule(type, call.AccountId), _keys.Fair(type), _keys.Manual(type), _keys.ManualOf(type, call.AccountId),
        ];
        var cause = refusal switch
        {
            QuotaRefusal.None => LatenessCause.OnTime,
            QuotaRefusal.Circuit => LatenessCause.Breaker,
            _ => LatenessCause.Quota,
        };
        var tooFast = refusal is QuotaRefusal.Rate or QuotaRefusal.InFlight;
        var reply = (RedisResult[])(await _scripts.RunAsync("return", all,
            [call.Epoch, call.Id, (long)pause.TotalMilliseconds, LatenessCauses.Letter(cause).ToString(), tooFast ? 1 : 0]))!;
        return (int)reply[0] == 1;
    }

    /// <summary>Ends the call's permit: the gateway has answered, or never will.</summary>
    public Task ReleaseAsync(ClaimedCall call) => _releases[call.Type].RunAsync(call);

    private async Task<IReadOnlyList<int>> ReleaseAsync(TaskType type, IReadOnlyList<ClaimedCall> calls)
    {
        var held = (int)await _scripts.RunAsync(
            "release", [_keys.Permits(type), _keys.ConcurrencyCurrent(type)], [.. calls.Select(c => (RedisValue)c.Id)]);
        return [.. Enumerable.Repeat(held, calls.Count)];
    }

    private async Task<IReadOnlyList<CallFacts>> ReadFactsAsync(TaskType type, IReadOnlyList<IReadOnlyList<DueCard>> calls)
    {
        var count = calls.Sum(c => c.Count);
        var all = new RedisKey[2 + count];
        var fields = new RedisValue[count];
        (all[0], all[1]) = (_keys.Accounts(type), _keys.CardChanges(type));
        var at = 0;
        foreach (var card in calls.SelectMany(cards => cards))
        {
            fields[at] = RedisKeys.CardField(card.CardId);
            all[2 + at++] = _keys.CardBucket(type, card.CardId);
        }

        var reply = (RedisResult[])(await _scripts.RunAsync("facts", all, fields))!;
        var alike = (RedisResult[])reply[1]!;
        var intervals = new Dictionary<CardHead, long>(alike.Length / 2);
        for (var i = 0; i < alike.Length; i += 2)
        {
            intervals.Add(CardHead.OfProfile((byte[])alike[i + 1]!), (long)alike[i]);
        }

        at = 2;
        var answer = new CallFacts[calls.Count];
        for (var c = 0; c < answer.Length; c++)
        {
            var cards = new ClaimedFacts[calls[c].Count];
            for (var i = 0; i < cards.Length; i++)
            {
                var packed = (byte[])reply[at++]!;
                if (packed.Length > 0)
                {
                    var head = CardHead.Of(packed);
                    cards[i] = new ClaimedFacts(CardFactsCodec.Unpack(calls[c][i].CardId, packed), intervals[head.ToProfile()], head);
                }
            }

            answer[c] = new CallFacts(cards, (long)reply[0]);
        }

        return answer;
    }
}
