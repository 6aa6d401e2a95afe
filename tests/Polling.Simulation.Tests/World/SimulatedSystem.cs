using Polling.AppHost.LocalServers;
using Polling.Simulation.Tests.Processes;
using Polling.TestServers;
using StackExchange.Redis;

[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace Polling.Simulation.Tests.World;

/// <summary>The simulated system: a world and its processes, which may die and come back.</summary>
internal sealed class SimulatedSystem(SimulatedWorld world, ConnectionMultiplexer redis, TestRedis server) : IAsyncDisposable
{
    private readonly ExecutorProcess[] _executors = new ExecutorProcess[world.Options.Executors];
    private readonly SchedulerProcess[] _schedulers = new SchedulerProcess[world.Options.Schedulers];
    private int _started;

    public SimulatedWorld World { get; } = world;

    public IReadOnlyList<ExecutorProcess> Executors => _executors;

    public IReadOnlyList<SchedulerProcess> Schedulers => _schedulers;

    /// <summary>A world without cards and accounts, and a Redis of its own; processes are started later.</summary>
    public static async Task<SimulatedSystem> CreateAsync(int seed, SimulationOptions? options = null)
    {
        var server = await TestRedis.StartAsync(RedisEngine.Redis);
        var redis = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString, c => c.SocketManager = SocketManager.ThreadPool);
        return new SimulatedSystem(new SimulatedWorld(redis, seed, options ?? new SimulationOptions()), redis, server);
    }

    public void Start()
    {
        for (var i = 0; i < _schedulers.Length; i++)
        {
            StartScheduler(i, TimeSpan.FromMilliseconds(World.Random.Next(1_000)));
        }

        for (var i = 0; i < _executors.Length; i++)
        {
            StartExecutor(i, TimeSpan.FromMilliseconds(World.Random.Next(1_000)));
        }
    }

    /// <summary>Kills every process.</summary>
    public void Stop()
    {
        foreach (var executor in _executors)
        {
            executor.Kill();
        }

        foreach (var scheduler in _schedulers)
        {
            scheduler.Kill();
        }
    }

    public void StartExecutor(int index, TimeSpan after) => _executors[index] = ExecutorProcess.Start(World, $"executor{++_started}", after);

    public void StartScheduler(int index, TimeSpan after) => _schedulers[index] = SchedulerProcess.Start(World, $"scheduler{++_started}", after);

    /// <summary>Lets simulated time pass, with a look at every card's place every ten minutes.</summary>
    public async Task RunAsync(TimeSpan time)
    {
        var end = World.Loop.NowUs + (long)time.TotalMicroseconds;
        while (World.Loop.NowUs < end)
        {
            await World.Loop.RunUntilAsync(Math.Min(end, World.Loop.NowUs + (long)TimeSpan.FromMinutes(10).TotalMicroseconds));
            await World.Checks.LookAsync();
        }
    }

    /// <summary>
    /// Nothing is promoted any more, and what is under way ends: then no permit and no lease is left, and every card is scheduled, or
    /// in quarantine, or not polled any more.
    /// </summary>
    public async Task ComeToRestAsync()
    {
        foreach (var scheduler in _schedulers)
        {
            scheduler.Kill();
        }

        await RunAsync(TimeSpan.FromMinutes(2));
        var (database, keys, type) = (World.Redis.Database, World.Redis.Keys, SimulatedWorld.Type);
        World.Redis.SetNow(World.Loop.NowUs);
        var figures = await World.Redis.Gauges.PublishAsync(type, World.Accounts.Keys);
        Expect("permits held", figures.PermitsHeld, 0);
        Expect("polling:concurrency:current", (long)await database.StringGetAsync(keys.ConcurrencyCurrent(type)), 0);
        Expect("cards in the queue", figures.Queued, 0);
        Expect("chunks", await database.HashLengthAsync(keys.Chunks(type)), 0);
        Expect("leases", await database.SortedSetLengthAsync(keys.Leases(type)), 0);
        Expect("calls under lease", await database.HashLengthAsync(keys.Calls(type)), 0);
        foreach (var account in World.Accounts.Keys)
        {
            Expect($"calls in flight of account {account}", await database.SortedSetLengthAsync(keys.InFlight(account), World.NowMs), 0);
        }

        var places = await World.Checks.PlacesAsync();
        foreach (var card in World.Database.Cards)
        {
            // One that is not polled any more leaves its schedule when it would be due.
            var found = places[card.Id].Count();
            Expect($"places of card {card.Id}", found, World.IntervalMsOf(card) == 0 ? Math.Min(found, 1) : 1);
        }

        void Expect(string what, long found, long expected)
        {
            if (found != expected)
            {
                World.Checks.Note($"{what} at rest: {found} instead of {expected}");
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        World.Dispose();
        await redis.DisposeAsync();
        await server.DisposeAsync();
    }
}
