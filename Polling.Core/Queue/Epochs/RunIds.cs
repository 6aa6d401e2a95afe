using System.Net;
using StackExchange.Redis;

namespace Polling.Core.Queue.Epochs;

/// <summary>The run ids of the Redis processes that hold keys, each asked for once. In a cluster keys lie in several, which lose data one by one.</summary>
internal sealed class RunIds(IConnectionMultiplexer redis)
{
    private readonly Dictionary<EndPoint, Task<string>> _asked = [];

    /// <summary>The run of the process that holds a key.</summary>
    /// <exception cref="RedisConnectionException">It is not connected.</exception>
    public Task<string> OfAsync(RedisKey key)
    {
        var server = ServerFacts.OwnerOf(redis, key);
        if (!_asked.TryGetValue(server.EndPoint, out var runId))
        {
            _asked.Add(server.EndPoint, runId = ServerFacts.RunIdAsync(server));
        }

        return runId;
    }
}
