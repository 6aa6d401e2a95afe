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
    private const int CardsPerCancel = 2_500;
    private const int CallsPerLook = 500;

    /// <summary>
    /// Takes a trigger's requests back: those that wait, and those that were admitted and that no executor has claimed. Those that come in later are
    /// stopped when they are to be admitted. Repeatable: what is taken back is not found again.
    /// </summary>
    /// <returns>How many were taken back.</returns>
    public async Task<long> CancelAsync(TaskType type, string trigger, IEnumerable<int> accountIds)
    {
        // From here on none of its requests is admitted, so the calls that are in the queue now are all there will be. (One connection keeps the order.)
        var marked = redis.GetDatabase().SetAddAsync(keys.ManualCancelled(type), trigger);
        var calls = (await AdmittedAsync(type, trigger)).ToLookup(call => call.AccountId);
        await marked;
        var taken = await Task.WhenAll(accountIds.Union(calls.Select(account => account.Key))
            .Select(account => CancelAsync(type, trigger, account, [.. calls[account]])));
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

    /// <summary>For which of a trigger's cards of an account Redis has no request: it neither waits nor is under way, nor did it end.</summary>
    public async Task<IReadOnlyList<long>> LostAsync(TaskType type, int accountId, string trigger, IEnumerable<long> cardIds)
    {
        RedisKey[] all =
        [
            keys.Queue(type), keys.Chunks(type), keys.Calls(type), keys.ManualOf(type, accountId), keys.ManualSettled(type),
            keys.Schedule(type, accountId), keys.Quarantine(type),
        ];
        var lost = new List<long>();
        foreach (var chunk in cardIds.Chunk(CardsPerScript))
        {
            lost.AddRange((long[])(await scripts.RunAsync("lost", all, [trigger, .. chunk.Select(id => (RedisValue)id)]))!);
        }

        return lost;
    }

    private async Task<long> CancelAsync(TaskType type, string trigger, int account, AdmittedCall[] calls)
    {
        RedisKey[] all =
        [
            keys.Manual(type), keys.ManualOf(type, account), keys.ManualSettled(type), keys.Queue(type), keys.Chunks(type), keys.Fair(type),
            keys.Schedule(type, account), keys.Wake(type),
        ];
        var parts = await Task.WhenAll(Parts(calls).Select(async part => (long)await scripts.RunAsync(
            "cancel", all, [account, trigger, .. part.Select(call => (RedisValue)call.Score)])));
        return parts.Sum();
    }

    // Each as many cards as one script may hold up others for; one at least, for the requests that wait.
    private static List<List<AdmittedCall>> Parts(IEnumerable<AdmittedCall> calls)
    {
        List<List<AdmittedCall>> parts = [[]];
        var cards = 0;
        foreach (var call in calls)
        {
            if (cards > 0 && cards + call.Cards > CardsPerCancel)
            {
                parts.Add([]);
                cards = 0;
            }

            parts[^1].Add(call);
            cards += call.Cards;
        }

        return parts;
    }

    private async Task<List<AdmittedCall>> AdmittedAsync(TaskType type, string trigger)
    {
        var found = new List<AdmittedCall>();
        for (var after = "-inf"; after.Length > 0;)
        {
            var reply = (string[])(await scripts.RunAsync("admitted", [keys.Queue(type), keys.Chunks(type)], [trigger, after, CallsPerLook]))!;
            for (var i = 1; i < reply.Length; i += 3)
            {
                found.Add(new AdmittedCall(
                    reply[i], int.Parse(reply[i + 1], CultureInfo.InvariantCulture), int.Parse(reply[i + 2], CultureInfo.InvariantCulture)));
            }

            after = reply[0];
        }

        return found;
    }

    private readonly record struct AdmittedCall(string Score, int AccountId, int Cards);
}
