using Polling.Queue.Tests.Harness;
using StackExchange.Redis;

namespace Polling.Queue.Tests.Model;

/// <summary>
/// All that Redis holds, as text: to see that an operation changed nothing. Without the number of permits held, which expires by the server's own time
/// and is compared with the permits after every step.
/// </summary>
internal static class RedisDigest
{
    public static async Task<string> ReadAsync(TestQueue queue)
    {
        var keys = new List<RedisKey>();
        foreach (var server in queue.Redis.Multiplexer.GetServers())
        {
            await foreach (var key in server.KeysAsync())
            {
                if (key != queue.Keys.ConcurrencyCurrent(TestQueue.Type))
                {
                    keys.Add(key);
                }
            }
        }

        var values = await Task.WhenAll(keys.Select(key => ValueAsync(queue.Redis, key)));
        return string.Join('\n', keys.Zip(values, (key, value) => $"{key} = {value}").Order(StringComparer.Ordinal));
    }

    private static async Task<string> ValueAsync(IDatabase redis, RedisKey key) => await redis.KeyTypeAsync(key) switch
    {
        RedisType.String => (string?)await redis.StringGetAsync(key) ?? "",
        RedisType.Hash => string.Join(' ', (await redis.HashGetAllAsync(key)).Select(e => $"{e.Name}:{Convert.ToHexString((byte[])e.Value!)}").Order(StringComparer.Ordinal)),
        RedisType.SortedSet => string.Join(' ', (await redis.SortedSetRangeByRankWithScoresAsync(key)).Select(e => e.ToString())),
        RedisType.List => string.Join(' ', await redis.ListRangeAsync(key)),
        var other => other.ToString(),
    };
}
