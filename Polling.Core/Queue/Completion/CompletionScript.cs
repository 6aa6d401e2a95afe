using Polling.Core.Configuration;
using Polling.Core.Queue.Claims;
using Polling.Core.Queue.Facts;
using Polling.Core.Queue.Quarantine;
using Polling.Core.Queue.Scripts;
using StackExchange.Redis;

namespace Polling.Core.Queue.Completion;

/// <summary>What became of a card of a call; the numbers are those of <c>complete-11.lua</c>.</summary>
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

    /// <summary>Answered and committed, and due again at a time of its own instead of its grid's next point.</summary>
    CheckedDue = 5,
}

/// <summary>Asked of outcomes.</summary>
public static class CardOutcomes
{
    /// <summary>Whether the card was answered.</summary>
    public static bool IsChecked(this CardOutcome outcome) => outcome is CardOutcome.Checked or CardOutcome.CheckedDue;
}

/// <summary>A card's part of a completion.</summary>
/// <param name="CardId">Id of the card.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Facts">Its facts when the committed result changed them, else null.</param>
/// <param name="RetryAfter">For a failed one: how long until it is asked again, at most its interval. Of <see cref="CardOutcome.CheckedDue"/>: how long
/// until it is due, 1 s to 30 days.</param>
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
    private readonly ScriptRunner _scripts;
    private readonly RedisKeys _keys;
    private readonly Dictionary<TaskType, ScriptBatcher<Completion, CallReply>> _batchers;

    /// <summary>The script over a connection.</summary>
    public CompletionScript(ScriptRunner scripts, RedisKeys keys)
    {
        (_scripts, _keys) = (scripts, keys);
        _batchers = TaskTypes.All.ToDictionary(
            type => type, type => new ScriptBatcher<Completion, CallReply>("complete", CardsPerRun, c => c.Call.Cards.Count, batch => RunAsync(type, batch)));
    }

    /// <summary>Completes a call.</summary>
    /// <param name="call">The call.</param>
    /// <param name="cards">Every card of it, each once, in any order.</param>
    /// <param name="duration">How long the gateway call took.</param>
    /// <param name="facts">What was read of its cards, in the order of the call; null: they are looked up.</param>
    /// <exception cref="ArgumentException">There are not as many cards as in the lease.</exception>
    public async Task<CompletionStatus> CompleteAsync(ClaimedCall call, IReadOnlyList<CompletedCard> cards, TimeSpan duration, CallFacts? facts = null)
    {
        if (cards.Count != call.Cards.Count)
        {
            throw new ArgumentException($"The call {call.Id} has {call.Cards.Count} cards, not {cards.Count}.", nameof(cards));
        }

        var runs = Runs(call, cards, facts);
        var accounts = new List<int> { call.AccountId };
        accounts.AddRange(cards.Where(c => c.Facts is not null).Select(c => c.Facts!.AccountId).Where(a => a != call.AccountId).Distinct());
        while (true)
        {
            var reply = await _batchers[call.Type].RunAsync(new Completion(call, runs, duration, facts?.LastChange ?? 0, accounts));
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
                case -4:
                    // A card was moved meanwhile: its new schedule has to be named among the keys.
                    accounts = [.. accounts, reply.Detail];
                    break;
                default:
                    // The facts of one of them may have changed since they were read.
                    runs = [new Run(default, cards)];
                    break;
            }
        }
    }

    // Cards that are polled alike; those whose facts the cache did not know, or has to take, are looked up.
    private static IReadOnlyList<Run> Runs(ClaimedCall call, IReadOnlyList<CompletedCard> cards, CallFacts? facts)
    {
        if (facts is null)
        {
            return [new Run(default, cards)];
        }

        var first = facts.Cards[0].Head;
        if (facts.Cards.All(f => f.Head == first) && cards.All(c => c.Facts is null))
        {
            return [new Run(first, cards)];
        }

        var heads = Enumerable.Range(0, call.Cards.Count).ToDictionary(i => call.Cards[i].CardId, i => facts.Cards[i].Head);
        return [.. cards.GroupBy(c => c.Facts is null ? heads.GetValueOrDefault(c.CardId) : default).Select(run => new Run(run.Key, [.. run]))];
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
        List<RedisKey> all =
        [
            _keys.Epoch(type), _keys.Leases(type), _keys.Calls(type), _keys.Permits(type), _keys.ConcurrencyCurrent(type), _keys.Wake(type),
            _keys.Accounts(type), _keys.StatisticsMinutes(type), _keys.Failures(type), _keys.Quarantine(type), _keys.CardChanges(type),
            .. accounts.Select(a => _keys.Schedule(type, a)),
        ];
        List<RedisValue> arguments = [epoch, type.Bit(), QuarantineScripts.FailuresMax, accounts.Length, .. accounts.Select(a => (RedisValue)a), batch.Length];
        var exceptions = new List<RedisValue>();
        var position = 0;
        foreach (var (call, runs, duration, lastChange, _) in batch)
        {
            arguments.AddRange([call.Id, (long)duration.TotalMilliseconds, lastChange, runs.Count]);
            foreach (var (head, cards) in runs)
            {
                arguments.Add(head.IsEmpty ? RedisValue.EmptyString : head.ToArray());
                arguments.Add(cards.Count);
                foreach (var card in cards)
                {
                    position++;
                    arguments.Add(card.CardId);
                    if (head.IsEmpty)
                    {
                        all.Add(_keys.CardBucket(type, card.CardId));
                    }

                    if (card.Outcome != CardOutcome.Checked || card.Facts is not null)
                    {
                        exceptions.Add(position);
                        exceptions.Add((int)card.Outcome);
                        exceptions.Add(card.Facts is { } facts ? CardFactsCodec.Pack(facts) : RedisValue.EmptyString);
                        exceptions.Add((long)card.RetryAfter.TotalMilliseconds);
                    }
                }
            }
        }

        arguments.AddRange(exceptions);
        return _scripts.RunAsync("complete", [.. all], [.. arguments]);
    }

    private sealed record Completion(ClaimedCall Call, IReadOnlyList<Run> Runs, TimeSpan Duration, long LastChange, IReadOnlyList<int> Accounts);

    // Cards with the same head; an empty one: they are looked up.
    private readonly record struct Run(CardHead Head, IReadOnlyList<CompletedCard> Cards);

    private readonly record struct CallReply(int Code, int Detail);
}
