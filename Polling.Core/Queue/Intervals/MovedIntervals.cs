using Polling.Core.Configuration;
using Polling.Core.Queue.Facts;
using StackExchange.Redis;

namespace Polling.Core.Queue.Intervals;

/// <summary>An account whose rules are others than those that its schedule was last moved to.</summary>
/// <param name="Type">Task type.</param>
/// <param name="AccountId">Account.</param>
/// <param name="Rules">The rules in force.</param>
/// <param name="Before">Those that its schedule was last moved to; null = unknown.</param>
public sealed record ChangedIntervals(TaskType Type, int AccountId, IntervalRules Rules, IntervalRules? Before);

/// <summary>
/// Remembers in Redis, beside the schedules, the rules to which each account's schedule has been moved as a whole: so whoever goes on after a scheduler
/// that died finds what is left to do, and after a loss of Redis nothing is, since all cards are placed anew.
/// </summary>
public sealed class MovedIntervals(IConnectionMultiplexer redis, RedisKeys keys)
{
    /// <summary>The accounts whose schedules are to be moved. An account without scheduled cards counts as moved at once.</summary>
    public async Task<IReadOnlyList<ChangedIntervals>> FindAsync(TaskType type)
    {
        var database = redis.GetDatabase();
        var published = database.HashGetAllAsync(keys.Accounts(type));
        var moved = (await database.HashGetAllAsync(keys.Intervals(type))).ToDictionary(entry => (int)entry.Name, entry => (string)entry.Value!);
        var changed = new List<ChangedIntervals>();
        foreach (var entry in await published)
        {
            var (accountId, rules) = ((int)entry.Name, AccountEntry.RulesOf(entry.Value!));
            var text = rules.ToString();
            if (!moved.Remove(accountId, out var before))
            {
                if (await database.SortedSetLengthAsync(keys.Schedule(type, accountId)) > 0)
                {
                    changed.Add(new ChangedIntervals(type, accountId, rules, null));
                }
                else
                {
                    await database.HashSetAsync(keys.Intervals(type), accountId, text);
                }
            }
            else if (before != text)
            {
                changed.Add(new ChangedIntervals(type, accountId, rules, IntervalRules.Parse(before)));
            }
        }

        if (moved.Count > 0)
        {
            await database.HashDeleteAsync(keys.Intervals(type), [.. moved.Keys.Select(accountId => (RedisValue)accountId)]);
        }

        return changed;
    }

    /// <summary>
    /// All cards that have no place are about to be placed by the rules of now: until those change there is nothing to move. What is known of a schedule that
    /// was not lost stays.
    /// </summary>
    public async Task StartAsync(TaskType type)
    {
        var database = redis.GetDatabase();
        var published = await database.HashGetAllAsync(keys.Accounts(type));
        await Task.WhenAll(published.Select(entry =>
            database.HashSetAsync(keys.Intervals(type), entry.Name, AccountEntry.RulesOf(entry.Value!).ToString(), When.NotExists)));
    }

    /// <summary>The account's whole schedule has been moved. When its rules are others by now, it is found again.</summary>
    public Task MarkAsync(ChangedIntervals change)
    {
        ArgumentNullException.ThrowIfNull(change);
        return redis.GetDatabase().HashSetAsync(keys.Intervals(change.Type), change.AccountId, change.Rules.ToString());
    }
}
