using System.Collections.Concurrent;
using Polling.AppHost.LocalServers;
using Polling.TestServers;
using StackExchange.Redis;

[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]
[assembly: AssemblyFixture(typeof(Polling.Queue.Tests.Harness.Engines))]

namespace Polling.Queue.Tests.Harness;

/// <summary>One server of each engine for all tests of this assembly; started when a test first asks for it.</summary>
public sealed class Engines : IAsyncDisposable
{
    private readonly ConcurrentDictionary<RedisEngine, Lazy<Task<(TestRedis Server, ConnectionMultiplexer Redis)>>> _running = [];

    /// <summary>Every engine that there is: those that this machine lacks are skipped with the reason; in CI that is a failure.</summary>
    public static TheoryData<RedisEngine> All => [RedisEngine.Redis, RedisEngine.Valkey, RedisEngine.Garnet];

    /// <summary>A connection to an empty server of this engine. One test at a time has it.</summary>
    public async Task<ConnectionMultiplexer> ConnectAsync(RedisEngine engine)
    {
        if (!RedisEngines.Found.Contains(engine))
        {
            var reason = $"{engine} is not on this machine.";
            Assert.False(engine == RedisEngine.Redis && Environment.GetEnvironmentVariable("CI") == "true", reason + " CI must have it.");
            Assert.Skip(reason);
        }

        var (_, redis) = await _running.GetOrAdd(engine, e => new(() => StartAsync(e))).Value;
        await redis.GetServers()[0].FlushAllDatabasesAsync();
        return redis;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var running in _running.Values)
        {
            var (server, redis) = await running.Value;
            await redis.DisposeAsync();
            await server.DisposeAsync();
        }
    }

    private static async Task<(TestRedis Server, ConnectionMultiplexer Redis)> StartAsync(RedisEngine engine)
    {
        var server = await TestRedis.StartAsync(engine);
        return (server, await ConnectionMultiplexer.ConnectAsync(server.ConnectionString));
    }
}
