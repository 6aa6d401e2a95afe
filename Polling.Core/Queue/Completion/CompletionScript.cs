using Polling.Core.Configuration;
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

/// <summary>Ends leases once their results are durable; calls that end at about the same time in one run. A replay changes nothing.</summary>
public sealed class CompletionScript
{
    private const int CardsPerRun = 1_000;
    private const int FixedArguments = 5;
    private readonly ScriptRunner _scripts;
    private readonly RedisKeys _keys;
    private readonly Dictionary<TaskType, ScriptBatcher<Completion, CallReply>> _batchers;

    /// <summary>The script over a connection.</summary>
    public CompletionScript(ScriptRunner scripts, RedisKeys keys)
    {
        (_scripts, _keys) = (scripts, keys);
        _batchers = TaskTypes.All.ToDictionary(
            type => type, type => new ScriptBatcher<Completion, CallReply>("complete", CardsPerRun, c => c.Cards.Count, batch => RunAsync(type, batch)));
    }

    /// <summary>Completes a call.</summary>
    /// <param name="call">The call.</param>
    /// <param name="cards">Every card of it, each once, in any order.</param>
    /// <param name="duration">How long the gateway call took.</param>
    /// <exception cref="ArgumentException">There are not as many cards as in the lease.</exception>
    public async Task<CompletionStatus> CompleteAsync(ClaimedCall call, IReadOnlyList<CompletedCard> cards, TimeSpan duration)
    {
        if (cards.Count != call.Cards.Count)
        {
            throw new ArgumentException($"The call {call.Id} has {call.Cards.Count} cards, not {cards.Count}.", nameof(cards));
        }

        var accounts = new List<int> { call.AccountId };
        accounts.AddRange(cards.Where(c => c.Facts is not null).Select(c => c.Facts!.AccountId).Where(a => a != call.AccountId).Distinct());
        while (true)
        {
            var reply = await _batchers[call.Type].RunAsync(new Completion(call, cards, duration, accounts));
            switch (reply.Code)
            {
                case 1:
                    return CompletionStatus.Completed;
                case -1:
                    return CompletionStatus.EpochChanged;
                case -2:
                    return CompletionStatus.LeaseLost;
                case -3:
                    throw new ArgumentException($"The call {call.Id} has {reply.Detail} cards, not {cards.Count}.", nameof(cards));
                default:
                    // A card was moved meanwhile: its new schedule has to be named among the keys.
                    accounts = [.. accounts, reply.Detail];
                    break;
            }
        }
    }

    private async Task<IReadOnlyList<CallReply>> RunAsync(TaskType type, IReadOnlyList<Completion> batch)
    {
        // An epoch change under way: calls of two epochs cannot go together.
        var replies = new CallReply[batch.Count];
        foreach (var epoch in Enumerable.Range(0, batch.Count).GroupBy(i => batch[i].Call.Epoch))
        {
            int[] positions = [.. epoch];
            var reply = (int[])(await RunAsync(type, epoch.Key, Array.ConvertAll(positions, i => batch[i])))!;
            for (var i = 0; i < positions.Length; i++)
            {
                replies[positions[i]] = reply[0] == 1 ? new CallReply(reply[1 + i * 2], reply[2 + i * 2]) : new CallReply(reply[0], 0);
            }
        }

        return replies;
    }

    private Task<RedisResult> RunAsync(TaskType type, long epoch, Completion[] batch)
    {
        int[] accounts = [.. batch.SelectMany(c => c.Accounts).Distinct()];
        var arguments = new List<RedisValue>(FixedArguments + accounts.Length + batch.Sum(c => 3 + c.Cards.Count * 2))
        {
            epoch, type.Bit(), QuarantineScripts.FailuresMax, accounts.Length,
        };
        arguments.AddRange(accounts.Select(a => (RedisValue)a));
        arguments.Add(batch.Length);
        foreach (var (call, cards, duration, _) in batch)
        {
            arguments.Add(call.Id);
            arguments.Add((long)duration.TotalMilliseconds);
            arguments.Add(cards.Count);
        }

        List<RedisKey> all =
        [
            _keys.Epoch(type), _keys.Leases(type), _keys.Calls(type), _keys.Permits(type), _keys.ConcurrencyCurrent(type), _keys.Wake(type),
            _keys.Accounts(type), _keys.StatisticsMinutes(type), _keys.Failures(type), _keys.Quarantine(type),
            .. accounts.Select(a => _keys.Schedule(type, a)),
        ];
        var exceptions = new List<RedisValue>();
        var position = 0;
        foreach (var card in batch.SelectMany(c => c.Cards))
        {
            position++;
            all.Add(_keys.CardBucket(type, card.CardId));
            arguments.Add(card.CardId);
            arguments.Add(RedisKeys.CardField(card.CardId));
            if (card.Outcome != CardOutcome.Checked || card.Facts is not null)
            {
                exceptions.Add(position);
                exceptions.Add((int)card.Outcome);
                exceptions.Add(card.Facts is { } facts ? CardFactsCodec.Pack(facts) : RedisValue.EmptyString);
                exceptions.Add((long)card.RetryAfter.TotalMilliseconds);
            }
        }

        arguments.AddRange(exceptions);
        return _scripts.RunAsync("complete", [.. all], [.. arguments]);
    }

    private sealed record Completion(ClaimedCall Call, IReadOnlyList<CompletedCard> Cards, TimeSpan Duration, IReadOnlyList<int> Accounts);

    private readonly record struct CallReply(int Code, int Detail);
}
