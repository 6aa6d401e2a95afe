using Polling.Core.Configuration;
using Polling.Core.Queue;
using Polling.Core.Queue.Lateness;
using StackExchange.Redis;

namespace Polling.Core.Statistics;

/// <summary>Reads what waits for an account. Costs a few commands, none a card.</summary>
public sealed class AccountQueueReader(IConnectionMultiplexer redis, RedisKeys keys, TimeProvider clock)
{
    /// <param name="type">Task type.</param>
    /// <param name="accountId">Carrier account.</param>
    /// <exception cref="RedisException">Redis does not answer.</exception>
    public async Task<AccountQueue> ReadAsync(TaskType type, int accountId)
    {
        var database = redis.GetDatabase();
        var schedule = keys.Schedule(type, accountId);
        var scheduled = database.SortedSetLengthAsync(schedule);
        var due = database.SortedSetLengthAsync(schedule, double.NegativeInfinity, clock.GetUtcNow().ToUnixTimeMilliseconds());
        var head = database.SortedSetRangeByRankWithScoresAsync(schedule, 0, 0);
        var cause = database.HashGetAsync(keys.Fair(type), $"c:{accountId}");
        var manual = database.ListLengthAsync(keys.ManualOf(type, accountId));
        var first = (await head).FirstOrDefault();
        var isDue = await due > 0;
        return new AccountQueue
        {
            Scheduled = await scheduled,
            Due = await due,
            OldestDueAt = isDue ? DateTimeOffset.FromUnixTimeMilliseconds((long)first.Score) : null,
            WaitsFor = isDue ? CauseOf(await cause) : null,
            Manual = await manual,
        };
    }

    // Nothing noted: their turn has not come yet.
    private static LatenessCause CauseOf(RedisValue letter) => letter.IsNull ? LatenessCause.Backlog : LatenessCauses.Of(letter);
}

/// <summary>What waits for an account, of one task type.</summary>
public sealed record AccountQueue
{
    /// <summary>Cards with a due time, past or to come.</summary>
    public required long Scheduled { get; init; }

    /// <summary>Of these, the cards whose time has come.</summary>
    public required long Due { get; init; }

    /// <summary>Since when the longest waiting one is due; null if none is.</summary>
    public DateTimeOffset? OldestDueAt { get; init; }

    /// <summary>What the due cards wait for; null if none is due.</summary>
    public LatenessCause? WaitsFor { get; init; }

    /// <summary>Cards asked for by hand that wait to be called.</summary>
    public required long Manual { get; init; }
}
