using Polling.Core.Queue.Claims;
using Polling.Core.Queue.Facts;
using Polling.Core.Queue.Quarantine;
using Polling.Core.Queue.Scripts;
using StackExchange.Redis;

namespace Polling.Core.Queue.Completion;

/// <summary>What became of a card of a call; the numbers are those of <c>complete-10.lua</c>.</summary>
public enum CardOutcome
{
    /// <summary>Answered and committed.</summary>
    Checked = 1,

    /// <summary>Its call failed as a whole; it is asked again soon.</summary>
    Failed = 2,

    /// <summary>Not asked: it was moved to another account, or is no longer polled.</summary>
    NotAsked = 3,

    /// <summary>The carrier answered about this card that it cannot; asked again soon, and set aside when that goes on.</summary>
    CardFailed = 4,
}

/// <summary>A card's part of a completion.</summary>
/// <param name="CardId">Id of the card.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Facts">Its facts when the committed result changed them, else null.</param>
/// <param name="RetryAfter">For a failed one: how long until it is asked again, at most its interval.</param>
public readonly record struct CompletedCard(long CardId, CardOutcome Outcome, CardFacts? Facts, TimeSpan RetryAfter);

/// <summary>What became of a completion.</summary>
public enum CompletionStatus
{
    /// <summary>The cards have their next due times.</summary>
    Completed,

    /// <summary>The lease had expired or was completed before: somebody else has the cards; nothing was changed.</summary>
    LeaseLost,

    /// <summary>Redis lost data since the claim; nothing was changed, the cards are placed anew from PostgreSQL.</summary>
    EpochChanged,
}

/// <summary>Ends leases once their results are durable. A replay changes nothing.</summary>
public sealed class CompletionScript(ScriptRunner scripts, RedisKeys keys)
{
    /// <summary>Completes a call.</summary>
    /// <param name="call">The call.</param>
    /// <param name="cards">Every card of it, each once, in any order.</param>
    /// <param name="duration">How long the gateway call took.</param>
    /// <exception cref="ArgumentException">There are not as many cards as in the lease.</exception>
    public async Task<CompletionStatus> CompleteAsync(ClaimedCall call, IReadOnlyList<CompletedCard> cards, TimeSpan duration)
    {
        var accounts = new List<int> { call.AccountId };
        accounts.AddRange(cards.Where(c => c.Facts is not null).Select(c => c.Facts!.AccountId).Where(a => a != call.AccountId).Distinct());
        while (true)
        {
            var reply = (RedisResult[])(await RunAsync(call, cards, duration, accounts))!;
            switch ((int)reply[0])
            {
                case 1:
                    return CompletionStatus.Completed;
                case -1:
                    return CompletionStatus.EpochChanged;
                case -2:
                    return CompletionStatus.LeaseLost;
                case -3:
                    throw new ArgumentException($"The call {call.Id} has {(int)reply[1]} cards, not {cards.Count}.", nameof(cards));
                default:
                    // A card was moved meanwhile: its new schedule has to be named among the keys.
                    accounts.Add((int)reply[1]);
                    break;
            }
        }
    }

    private Task<RedisResult> RunAsync(ClaimedCall call, IReadOnlyList<CompletedCard> cards, TimeSpan duration, List<int> accounts)
    {
        var buckets = new BucketKeys(keys, call.Type);
        var first = 7 + accounts.Count;
        var arguments = new RedisValue[first + cards.Count * 5];
        arguments[0] = call.Epoch;
        arguments[1] = call.Id;
        arguments[2] = call.Type.Bit();
        arguments[3] = (long)duration.TotalMilliseconds;
        arguments[4] = QuarantineScripts.FailuresMax;
        arguments[5] = accounts.Count;
        for (var i = 0; i < accounts.Count; i++)
        {
            arguments[6 + i] = accounts[i];
        }

        arguments[first - 1] = cards.Count;
        for (var i = 0; i < cards.Count; i++)
        {
            var at = first + i * 5;
            arguments[at] = cards[i].CardId;
            arguments[at + 1] = buckets.NumberOf(cards[i].CardId);
            arguments[at + 2] = (int)cards[i].Outcome;
            arguments[at + 3] = cards[i].Facts is { } facts ? CardFactsCodec.Pack(facts) : RedisValue.EmptyString;
            arguments[at + 4] = (long)cards[i].RetryAfter.TotalMilliseconds;
        }

        var type = call.Type;
        RedisKey[] all =
        [
            keys.Epoch(type), keys.Leases(type), keys.Calls(type), keys.Permits(type), keys.ConcurrencyCurrent(type), keys.Wake(type),
            keys.Accounts(type), keys.StatisticsMinutes(type), keys.Failures(type), keys.Quarantine(type),
            .. accounts.Select(a => keys.Schedule(type, a)), .. buckets.Keys,
        ];
        return scripts.RunAsync("complete", all, arguments);
    }
}
