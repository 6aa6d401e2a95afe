using Polling.Core.Configuration;
using Polling.Core.Queue.Facts;
using Polling.Core.Queue.Scripts;
using StackExchange.Redis;

namespace Polling.Core.Queue.Intervals;

/// <summary>What moving some cards came to.</summary>
/// <param name="Moved">Cards that have another due time.</param>
/// <param name="Ended">Cards that left the schedule: no configuration applies to them.</param>
/// <param name="Open">Cards that cannot be moved before it is known when they were last checked.</param>
public sealed record MoveReply(int Moved, int Ended, IReadOnlyList<long> Open);

/// <summary>Gives scheduled cards the due times that their intervals ask for by now; harmless to repeat.</summary>
public sealed class MoveScript(ScriptRunner scripts, RedisKeys keys)
{
    /// <summary>Cards in one script. Half as many as placing takes: a card that moves is taken out of a large sorted set and put in again.</summary>
    public const int CardsPerScript = 250;

    /// <summary>Moves cards of one account.</summary>
    /// <param name="type">Task type.</param>
    /// <param name="epoch">Epoch in force.</param>
    /// <param name="accountId">The account.</param>
    /// <param name="rules">Its rules, as <see cref="IntervalRules"/> writes them.</param>
    /// <param name="cardIds">1 to <see cref="CardsPerScript"/> cards.</param>
    /// <param name="checkedMs">When they were last checked, Unix ms, 0 = never or it failed; those that it lacks are not looked up yet.</param>
    /// <returns>Null: its rules are others by now, nothing was changed.</returns>
    /// <exception cref="QueueEpochChangedException">Redis lost data since the epoch was read.</exception>
    /// <exception cref="AccountNotPublishedException">The account is not known to Redis.</exception>
    public async Task<MoveReply?> MoveAsync(
        TaskType type, string epoch, int accountId, string rules, IReadOnlyList<long> cardIds, IReadOnlyDictionary<long, long> checkedMs)
    {
        ArgumentNullException.ThrowIfNull(cardIds);
        ArgumentNullException.ThrowIfNull(checkedMs);
        var buckets = new BucketKeys(keys, type);
        var arguments = new RedisValue[5 + cardIds.Count * 3];
        (arguments[0], arguments[1], arguments[2], arguments[3], arguments[4]) = (epoch, accountId, type.Bit(), rules, cardIds.Count);
        for (var i = 0; i < cardIds.Count; i++)
        {
            var at = 5 + i * 3;
            arguments[at] = cardIds[i];
            arguments[at + 1] = buckets.NumberOf(cardIds[i]);
            arguments[at + 2] = checkedMs.TryGetValue(cardIds[i], out var ms) ? ms : "";
        }

        RedisKey[] all = [keys.Epoch(type), keys.Accounts(type), keys.Wake(type), keys.Schedule(type, accountId), .. buckets.Keys];
        var reply = (long[])(await scripts.RunAsync("move", all, arguments))!;
        return reply[0] switch
        {
            1 => new MoveReply((int)reply[1], (int)reply[2], reply[3..]),
            -1 => throw new QueueEpochChangedException(type),
            -2 => throw new AccountNotPublishedException(accountId),
            _ => null,
        };
    }
}
