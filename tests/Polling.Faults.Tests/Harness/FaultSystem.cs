using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Polling.AppHost.LocalServers;
using Polling.Core.Configuration;
using Polling.Core.Persistence;
using Polling.Core.Queue;
using Polling.TestServers;
using StackExchange.Redis;

namespace Polling.Faults.Tests.Harness;

/// <summary>
/// The system as processes that a test may kill: 2 schedulers, 3 executors and the mock gateway, each started as in operation, on a Redis (AOF
/// everysec; or another <see cref="Store"/>) and a PostgreSQL of its own, with the <see cref="Fleet"/>. It is up within seconds, and it lives through
/// every fault.
/// </summary>
/// <remarks>
/// What is quicker than in operation: leases of 8 s (the least that a total timeout of 2 s allows), answers within a second and a half, and an audit
/// that goes round each second and takes a card for lost after 9 s. Polling leaves 45 % of each account's calls to other work, of which there is none:
/// so a machine that is busy with other tests may delay some calls between their grant and their arrival, but twice what polling is granted still is
/// more than the quota.
/// </remarks>
internal sealed class FaultSystem : IAsyncDisposable
{
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(8);

    /// <summary>Within this time after a fault everything is as if it had not been.</summary>
    public static readonly TimeSpan LeaseAndFive = Lease + TimeSpan.FromSeconds(5);

    /// <summary>How long a card of the fleet is left alone at most, when its account has calls to spare.</summary>
    public static readonly TimeSpan LongestInterval = TimeSpan.FromSeconds(10);

    private readonly string _folder = Directory.CreateTempSubdirectory("polling-faults-").FullName;
    private ConnectionMultiplexer? _connection;
    private NpgsqlDataSource? _source;

    private readonly Store _store;
    private readonly TestPostgresPair? _pair;
    private readonly string _database;

    private FaultSystem(Store store, TestPostgres postgres, TestPostgresPair? pair = null)
    {
        _store = store;
        _pair = pair;
        _database = pair?.ConnectionString ?? postgres.ConnectionString;
        Postgres = postgres;
        Keys = new RedisKeys(store.Layout);
    }

    /// <summary>The one Redis of a system that has one.</summary>
    public TestRedis Redis { get; private init; } = null!;

    /// <summary>The PostgreSQL; of two, the primary at the beginning.</summary>
    public TestPostgres Postgres { get; }

    /// <summary>Between the processes and the one Redis.</summary>
    public FaultProxy Line { get; private init; } = null!;

    public IReadOnlyList<ServiceProcess> Schedulers { get; private set; } = [];

    public IReadOnlyList<ServiceProcess> Executors { get; private set; } = [];

    /// <summary>It runs only in the tests that start it.</summary>
    public ServiceProcess Api { get; private set; } = null!;

    public HttpClient Http { get; } = new();

    public RedisKeys Keys { get; }

    public IDatabase Database => _connection!.GetDatabase();

    public IConnectionMultiplexer Connection => _connection!;

    public Carrier Carrier { get; private set; } = null!;

    public Effects Effects { get; private set; } = null!;

    /// <summary>Boots it on one Redis.</summary>
    public static async Task<FaultSystem> StartAsync(CancellationToken cancellation)
    {
        var redis = await TestRedis.StartAsync(RedisEngines.Found[0], appendOnly: true, cancellation);
        var line = new FaultProxy(redis.Port);
        var store = new Store(string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{line.Port}"), redis.ConnectionString, KeyLayout.Contract, line, redis);
        var postgres = await TestPostgres.StartAsync(cancellationToken: cancellation);
        return await BootAsync(new FaultSystem(store, postgres) { Redis = redis, Line = line }, schedulers: 2, executors: 3, cancellation);
    }

    /// <summary>Boots it on another Redis, with as few processes as show what that does.</summary>
    public static async Task<FaultSystem> StartAsync(Store store, CancellationToken cancellation) => await BootAsync(
        new FaultSystem(store, await TestPostgres.StartAsync(cancellationToken: cancellation)), schedulers: 1, executors: 2, cancellation);

    /// <summary>Boots it on a PostgreSQL with a standby, with as few processes as show what that does.</summary>
    public static async Task<FaultSystem> StartAsync(TestPostgresPair pair, CancellationToken cancellation)
    {
        var redis = await TestRedis.StartAsync(RedisEngines.Found[0], appendOnly: true, cancellation);
        var store = new Store(string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{redis.Port}"), redis.ConnectionString, KeyLayout.Contract, redis);
        return await BootAsync(new FaultSystem(store, pair.Primary, pair), schedulers: 1, executors: 2, cancellation);
    }

    private static async Task<FaultSystem> BootAsync(FaultSystem system, int schedulers, int executors, CancellationToken cancellation)
    {
        try
        {
            await system.BootAsync(schedulers, executors, cancellation);
            return system;
        }
        catch
        {
            await system.DisposeAsync();
            throw;
        }
    }

    /// <summary>The places now; Redis must be there, but may be slow.</summary>
    public async Task<Places> PlacesAsync(TaskType type)
    {
        Places? places = null;
        await Condition.HoldsAsync(async () => (places = await FindPlacesAsync(type)) is not null, LeaseAndFive, "Redis does not answer");
        return places!;
    }

    /// <summary>The places now, or null when Redis is away.</summary>
    public async Task<Places?> FindPlacesAsync(TaskType type)
    {
        try
        {
            return await Places.ReadAsync(_connection!.GetDatabase(), Keys, type);
        }
        catch (Exception e) when (e is RedisException or TimeoutException or TaskCanceledException or InvalidOperationException)
        {
            // The client says it in many ways when a connection breaks.
            return null;
        }
    }

    /// <summary>What is wrong with the places and permits now, or null.</summary>
    public async Task<string?> ProblemAsync()
    {
        foreach (var type in Fleet.Tasks)
        {
            var places = await FindPlacesAsync(type);
            if (places is null || places.Problem is not null)
            {
                return places?.Problem ?? "Redis does not answer";
            }
        }

        return null;
    }

    public async Task StartAsync(ServiceProcess process) => await process.StartAsync(Http, TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(Schedulers.Concat(Executors).Append(_gateway).Append(Api).OfType<ServiceProcess>().Select(process => process.KillAsync()));
        if (_connection is not null)
        {
            await _connection.DisposeAsync();
        }

        if (_source is not null)
        {
            await _source.DisposeAsync();
        }

        await _store.DisposeAsync();
        await (_pair is null ? Postgres.DisposeAsync() : _pair.DisposeAsync());
        Http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private ServiceProcess? _gateway;

    private async Task BootAsync(int schedulers, int executors, CancellationToken cancellation)
    {
        var settings = new Dictionary<string, string?>
        {
            // Elsewhere the password of the test's PostgreSQL is refused.
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["ConnectionStrings__redis"] = _store.ForProcesses,
            ["Polling__Redis__Layout"] = _store.LayoutSetting,
            ["ConnectionStrings__polling"] = _database,
            ["Polling__Executor__LeaseSeconds"] = Lease.TotalSeconds.ToString(CultureInfo.InvariantCulture),
            ["Polling__Executor__TotalTimeoutSeconds"] = "2",
            ["Polling__Executor__AttemptTimeoutSeconds"] = "2",
            ["Polling__Executor__RetryAfterSeconds"] = "1",
            ["Polling__Executor__CallsInFlight"] = "400",
            ["Polling__Quotas__ReservedPercent"] = "45",
            ["Polling__Audit__MissingSeconds"] = "9",
            ["Polling__Audit__PagePauseMs"] = "50",
            ["Polling__Audit__RoundPauseSeconds"] = "1",
            ["MockGateway__Behaviour__Latency__MedianMs"] = "900",
            ["MockGateway__Behaviour__Latency__Sigma"] = "0.1",
            ["MockGateway__Behaviour__Latency__MaxMs"] = "1300",
        };
        _gateway = new ServiceProcess("gateway", "Polling.MockGateway", _folder, settings);
        settings["services__mock-gateway__http__0"] = _gateway.Address.ToString();
        Schedulers = [.. Enumerable.Range(1, schedulers).Select(i => new ServiceProcess($"scheduler-{i}", "Polling.Scheduler", _folder, settings))];
        Executors = [.. Enumerable.Range(1, executors).Select(i => new ServiceProcess($"executor-{i}", "Polling.Executor", _folder, settings))];
        Api = new ServiceProcess("admin-api", "Polling.AdminApi", _folder, new Dictionary<string, string?>(settings) { ["Polling__DemoCards"] = "0" });
        _gateway.Begin();

        await using (var context = new PollingDbContext(new DbContextOptionsBuilder<PollingDbContext>().UseNpgsql(_database).Options))
        {
            await new MigrationRunner(context, TimeProvider.System, NullLogger<MigrationRunner>.Instance).RunAsync(cancellation);
        }

        // A connection of the pool does not outlive PostgreSQL.
        _source = NpgsqlDataSource.Create(_database + ";Pooling=false");
        await Fleet.SeedAsync(_source, cancellation);
        await Effects.WatchAsync(_source, cancellation);
        Effects = new Effects(_source);
        Carrier = new Carrier(Http, _gateway.Address);
        var options = ConfigurationOptions.Parse(_store.ForTests);
        (options.AbortOnConnectFail, options.BacklogPolicy) = (false, BacklogPolicy.FailFast);
        (options.HeartbeatInterval, options.ReconnectRetryPolicy) = (TimeSpan.FromMilliseconds(500), new LinearRetry(100));
        _connection = await ConnectionMultiplexer.ConnectAsync(options);

        var processes = Schedulers.Concat(Executors).ToArray();
        foreach (var process in processes)
        {
            process.Begin();
        }

        await Task.WhenAll(processes.Append(_gateway).Select(process => process.HealthyAsync(Http, cancellation)));
    }
}
