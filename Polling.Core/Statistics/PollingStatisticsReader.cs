using Polling.Core.Configuration;
using Polling.Core.Queue;
using StackExchange.Redis;

namespace Polling.Core.Statistics;

/// <summary>Reads the contract's figures from Redis. It computes none: schedulers and scripts write them from true sizes.</summary>
public sealed class PollingStatisticsReader(IConnectionMultiplexer redis, RedisKeys keys)
{
    /// <summary>The figures of every task type, in one round trip.</summary>
    /// <exception cref="RedisException">Redis does not answer.</exception>
    public async Task<IReadOnlyList<TaskStatistics>> ReadAsync() => await Task.WhenAll(TaskTypes.All.Select(ReadAsync));

    /// <summary>The progress of the initialisation, as the scheduler writes it; empty before the first.</summary>
    /// <exception cref="RedisException">Redis does not answer.</exception>
    public async Task<IReadOnlyDictionary<string, string>> ReadInitialisationAsync() =>
        Texts(await redis.GetDatabase().HashGetAllAsync(keys.InitialisationProgress));

    private async Task<TaskStatistics> ReadAsync(TaskType type)
    {
        var database = redis.GetDatabase();
        var queue = database.SortedSetLengthAsync(keys.Queue(type));
        var manual = database.ListLengthAsync(keys.Manual(type));
        var current = database.StringGetAsync(keys.ConcurrencyCurrent(type));
        var max = database.StringGetAsync(keys.ConcurrencyConfig(type));
        var figures = database.HashGetAllAsync(keys.Statistics(type));
        return new TaskStatistics
        {
            TaskType = type,
            QueueLength = await queue,
            ManualLength = await manual,
            ConcurrencyCurrent = Count(await current) ?? 0,
            ConcurrencyMax = Count(await max),
            Figures = Texts(await figures),
        };
    }

    private static long? Count(RedisValue value) => value.HasValue && value.TryParse(out long count) ? count : null;

    private static Dictionary<string, string> Texts(HashEntry[] entries) =>
        entries.ToDictionary(entry => entry.Name.ToString(), entry => entry.Value.ToString());
}
