using System.Globalization;
using Polling.Core.Configuration;
using Polling.Core.Queue.Scripts;
using StackExchange.Redis;

namespace Polling.Core.Queue.Manual;

/// <summary>A manual request that ended without a call.</summary>
/// <param name="CardId">The card.</param>
/// <param name="Trigger">Who asked.</param>
/// <param name="IsCancelled">True: its trigger was cancelled; false: its card was queued or under lease already.</param>
public readonly record struct SettledRequest(long CardId, string Trigger, bool IsCancelled);

/// <summary>
/// Cancels triggers, and reads which requests ended without a call: the scripts that end one write it down in the same step, and it
/// stays until its reader has made it durable.
/// </summary>
public sealed class SettledRequests(ScriptRunner scripts, RedisKeys keys, IConnectionMultiplexer redis)
{
    private const int CardsPerScript = 500;

    /// <summary>Takes a trigger's requests out of the accounts' lists; those that come in later are stopped when they are to be admitted.</summary>
    /// <returns>How many were taken out.</returns>
    public async Task<long> CancelAsync(TaskType type, string trigger, IEnumerable<int> accountIds)
    {
        await redis.GetDatabase().SetAddAsync(keys.ManualCancelled(type), trigger);
        var taken = await Task.WhenAll(accountIds.Select(async account => (long)await scripts.RunAsync(
            "cancel", [keys.Manual(type), keys.ManualOf(type, account), keys.ManualSettled(type)], [account, trigger])));
        return taken.Sum();
    }

    /// <summary>Forgets a cancelled trigger none of whose requests can come in any more.</summary>
    public Task ForgetAsync(TaskType type, string trigger) => redis.GetDatabase().SetRemoveAsync(keys.ManualCancelled(type), trigger);

    /// <summary>The oldest ones; they stay until <see cref="RemoveAsync"/>. One reader at a time.</summary>
    public async Task<IReadOnlyList<SettledRequest>> ReadAsync(TaskType type, int countMax)
    {
        var texts = await redis.GetDatabase().ListRangeAsync(keys.ManualSettled(type), 0, countMax - 1);
        return Array.ConvertAll(texts, text =>
        {
            var words = ((string)text!).Split(' ');
            return new SettledRequest(long.Parse(words[0], CultureInfo.InvariantCulture), words[1], words[2] == "c");
        });
    }

    /// <summary>Removes the oldest ones: they are durable elsewhere.</summary>
    public Task RemoveAsync(TaskType type, int count) => redis.GetDatabase().ListTrimAsync(keys.ManualSettled(type), count, -1);

    /// <summary>How many requests wait for an account.</summary>
    public Task<long> WaitingAsync(TaskType type, int accountId) => redis.GetDatabase().ListLengthAsync(keys.ManualOf(type, accountId));

    /// <summary>Which of a trigger's cards of an account Redis knows nothing of: they neither wait nor are under way, nor did their requests end.</summary>
    public async Task<IReadOnlyList<long>> LostAsync(TaskType type, int accountId, string trigger, IEnumerable<long> cardIds)
    {
        RedisKey[] all =
        [
            keys.Queue(type), keys.Calls(type), keys.ManualOf(type, accountId), keys.Schedule(type, accountId), keys.Quarantine(type), keys.ManualSettled(type),
        ];
        var lost = new List<long>();
        foreach (var chunk in cardIds.Chunk(CardsPerScript))
        {
            lost.AddRange((long[])(await scripts.RunAsync("lost", all, [trigger, .. chunk.Select(id => (RedisValue)id)]))!);
        }

        return lost;
    }
}
