using System.Text.RegularExpressions;
using Polling.Core.Configuration;
using Polling.Core.Queue.Claims;
using Polling.Core.Queue.Facts;
using Polling.Core.Queue.Scripts;
using Polling.Core.Queue.Signals;
using StackExchange.Redis;

namespace Polling.Core.Queue.Manual;

/// <summary>What became of a request for a card.</summary>
public enum ManualAnswer
{
    /// <summary>It waits for its account's budget, before all polling.</summary>
    Accepted = 1,

    /// <summary>The card is unknown, terminated, or no configuration applies to it.</summary>
    NotPolled = 2,

    /// <summary>Too many requests wait already; it is worth trying again later.</summary>
    Full = 4,
}

/// <summary>
/// Asks for cards by hand. Requests are admitted before all polling, by the same budgets; those of an account that is blocked hold
/// nobody up.
/// </summary>
public sealed partial class ManualRequests(ScriptRunner scripts, RedisKeys keys, ClaimScripts claims, QueueSignals signals, IConnectionMultiplexer redis)
{
    /// <summary>Requests of one task type that may wait in Redis; whoever has more keeps them and comes again.</summary>
    public const int WaitingMax = 100_000;

    private const int CardsPerScript = 500;
    private const int Moved = 3;

    /// <summary>Requests cards.</summary>
    /// <param name="type">Task type.</param>
    /// <param name="trigger">Name of the trigger that asks: 1 to 64 letters, digits and hyphens.</param>
    /// <param name="cardIds">The cards, each once.</param>
    /// <returns>An answer for each card, in their order.</returns>
    /// <exception cref="ArgumentException">The trigger's name is not as it must be.</exception>
    /// <exception cref="QueueEpochChangedException">Redis has lost its data or has none yet; it is worth trying again in a second.</exception>
    public async Task<ManualAnswer[]> RequestAsync(TaskType type, string trigger, IReadOnlyList<long> cardIds)
    {
        ArgumentNullException.ThrowIfNull(cardIds);
        if (!TriggerName().IsMatch(trigger))
        {
            throw new ArgumentException($"The trigger is '{trigger}'; it must be 1 to 64 letters, digits and hyphens.", nameof(trigger));
        }

        var epoch = (string?)await redis.GetDatabase().HashGetAsync(keys.Epoch(type), "epoch") ?? throw new QueueEpochChangedException(type);
        var answers = new ManualAnswer[cardIds.Count];
        var open = Enumerable.Range(0, cardIds.Count).ToArray();
        while (open.Length > 0)
        {
            // A card that was moved between the two scripts is looked up again.
            open = await RequestOnceAsync(type, epoch, trigger, cardIds, open, answers);
        }

        if (answers.Contains(ManualAnswer.Accepted))
        {
            signals.Send(type, SignalKind.Placed);
        }

        return answers;
    }

    /// <summary>Requests that wait.</summary>
    public Task<long> CountAsync(TaskType type) => redis.GetDatabase().ListLengthAsync(keys.Manual(type));

    private async Task<int[]> RequestOnceAsync(
        TaskType type, string epoch, string trigger, IReadOnlyList<long> cardIds, int[] open, ManualAnswer[] answers)
    {
        var facts = (await claims.ReadFactsAsync(type, Array.ConvertAll(open, i => new DueCard(cardIds[i], 0)))).Cards;
        var moved = new List<int>();
        var known = new List<(int Index, int Account)>();
        for (var i = 0; i < open.Length; i++)
        {
            if (facts[i].Facts is { } card && facts[i].IntervalMs > 0)
            {
                known.Add((open[i], card.AccountId));
            }
            else
            {
                answers[open[i]] = ManualAnswer.NotPolled;
            }
        }

        foreach (var account in known.GroupBy(k => k.Account, k => k.Index))
        {
            foreach (var chunk in account.Chunk(CardsPerScript))
            {
                var reply = await RunAsync(type, epoch, trigger, account.Key, Array.ConvertAll(chunk, i => cardIds[i]));
                for (var i = 0; i < chunk.Length; i++)
                {
                    if (reply[1 + i] == Moved)
                    {
                        moved.Add(chunk[i]);
                    }
                    else
                    {
                        answers[chunk[i]] = (ManualAnswer)reply[1 + i];
                    }
                }
            }
        }

        return [.. moved];
    }

    private async Task<int[]> RunAsync(TaskType type, string epoch, string trigger, int account, long[] cardIds)
    {
        var buckets = new BucketKeys(keys, type);
        RedisValue[] arguments =
        [
            epoch, account, type.Bit(), WaitingMax, trigger, cardIds.Length,
            .. cardIds.SelectMany(id => new RedisValue[] { id, buckets.NumberOf(id) }),
        ];
        RedisKey[] all =
        [
            keys.Epoch(type), keys.Accounts(type), keys.Wake(type), keys.Manual(type), keys.ManualOf(type, account), .. buckets.Keys,
        ];
        var reply = (int[])(await scripts.RunAsync("request", all, arguments))!;
        return reply[0] == 1 ? reply : throw new QueueEpochChangedException(type);
    }

    [GeneratedRegex("^[A-Za-z0-9-]{1,64}$")]
    private static partial Regex TriggerName();
}
