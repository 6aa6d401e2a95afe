using System.Collections.Concurrent;
using Polling.AppHost.LocalServers;
using Polling.Core.Queue;
using Polling.TestServers;
using StackExchange.Redis;

[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]
[assembly: AssemblyFixture(typeof(Polling.Queue.Tests.Harness.Engines))]

namespace Polling.Queue.Tests.Harness;

/// <summary>What the tests run on.</summary>
public enum Engine
{
    Redis,
    Valkey,
    Garnet,

    /// <summary>A Redis Cluster of three processes, with the key names of that layout.</summary>
    RedisCluster,
}

/// <summary>One server of each engine for all tests of this assembly; started when a test first asks for it.</summary>
public sealed class Engines : IAsyncDisposable
{
    private readonly ConcurrentDictionary<Engine, Lazy<Task<(IAsyncDisposable Server, ConnectionMultiplexer Redis)>>> _running = [];

    /// <summary>Every engine that there is: those that this machine lacks are skipped with the reason; in CI that is a failure.</summary>
    public static TheoryData<Engine> All => [Engine.Redis, Engine.Valkey, Engine.Garnet, Engine.RedisCluster];

    /// <summary>Those that are one process: for what no cluster can do, and for long tests of what lies in one slot anyway.</summary>
    public static TheoryData<Engine> Single => [Engine.Redis, Engine.Valkey, Engine.Garnet];

    /// <summary>The key names that a system on this engine has.</summary>
    public static RedisKeys KeysOf(Engine engine) => new(engine == Engine.RedisCluster ? KeyLayout.Cluster : KeyLayout.Contract);

    /// <summary>A connection to an empty server of this engine. One test at a time has it.</summary>
    public async Task<ConnectionMultiplexer> ConnectAsync(Engine engine)
    {
        if (!RedisEngines.Found.Contains(ProgramOf(engine)))
        {
            var reason = $"{engine} is not on this machine.";
            Assert.False(ProgramOf(engine) == RedisEngine.Redis && Environment.GetEnvironmentVariable("CI") == "true", reason + " CI must have it.");
            Assert.Skip(reason);
        }

        var (_, redis) = await _running.GetOrAdd(engine, e => new(() => StartAsync(e))).Value;
        await Task.WhenAll(redis.GetServers().Select(server => server.FlushAllDatabasesAsync()));
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

    private static RedisEngine ProgramOf(Engine engine) => engine switch
    {
        Engine.Valkey => RedisEngine.Valkey,
        Engine.Garnet => RedisEngine.Garnet,
        _ => RedisEngine.Redis,
    };

    private static async Task<(IAsyncDisposable Server, ConnectionMultiplexer Redis)> StartAsync(Engine engine)
    {
        if (engine == Engine.RedisCluster)
        {
            var cluster = await TestRedisCluster.StartAsync();
            return (cluster, await ConnectionMultiplexer.ConnectAsync(cluster.ConnectionString));
        }

        var server = await TestRedis.StartAsync(ProgramOf(engine));
        return (server, await ConnectionMultiplexer.ConnectAsync(server.ConnectionString));
    }
}
