using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Polling.AppHost.LocalServers;
using Polling.Core.Persistence;
using Polling.TestServers;
using StackExchange.Redis;

namespace Polling.Benchmarks.Processes;

/// <summary>
/// A whole system of its own on 127.0.0.1: Redis and PostgreSQL, a migrated database, and the programs that are started one by one. Disposing it ends and
/// removes all; so does the end of this process, in whatever way.
/// </summary>
internal sealed class BenchmarkSystem : IAsyncDisposable
{
    private const string InitialisationState = "state";
    private const string Initialised = "done";

    // What was answered by then is committed.
    private static readonly TimeSpan CommitGrace = TimeSpan.FromSeconds(2);
    private readonly TestPostgres _postgresServer;
    private ConnectionMultiplexer? _redis;

    private BenchmarkSystem(TestRedis redis, TestPostgres postgres)
    {
        (RedisServer, _postgresServer) = (redis, postgres);
        Processes = new ServiceProcesses(redis, postgres);
        Postgres = NpgsqlDataSource.Create(postgres.ConnectionString + ";Command Timeout=900");
        Gateway = new HttpClient { BaseAddress = Processes.GatewayAddress };
        ApiAddress = ServiceProcesses.FreeAddress();
        Api = new HttpClient { BaseAddress = new Uri(ApiAddress, "/api/admin/") };
    }

    public ServiceProcesses Processes { get; }

    public TestRedis RedisServer { get; }

    /// <summary>Process id of PostgreSQL's first process.</summary>
    public int PostgresPid => _postgresServer.Pid;

    public NpgsqlDataSource Postgres { get; }

    /// <summary>The mock gateway.</summary>
    public HttpClient Gateway { get; }

    public Uri ApiAddress { get; }

    /// <summary>Below <c>/api/admin/</c>.</summary>
    public HttpClient Api { get; }

    public IDatabase Redis => _redis!.GetDatabase();

    public IServer RedisInfo => _redis!.GetServers()[0];

    /// <summary>Starts the servers and migrates the database.</summary>
    /// <param name="durable">Whether PostgreSQL waits for the disk and Redis keeps an append-only file, as in production.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="LocalServerException">There is no Redis or no PostgreSQL on this machine.</exception>
    public static async Task<BenchmarkSystem> StartAsync(bool durable, CancellationToken cancellation = default)
    {
        var redis = await TestRedis.StartAsync(RedisEngine.Redis, durable, cancellation);
        BenchmarkSystem system;
        try
        {
            system = new BenchmarkSystem(redis, await TestPostgres.StartAsync(durable, cancellation));
        }
        catch
        {
            await redis.DisposeAsync();
            throw;
        }

        try
        {
            await system.PrepareAsync(cancellation);
            return system;
        }
        catch
        {
            await system.DisposeAsync();
            throw;
        }
    }

    public void StartGateway(IEnumerable<KeyValuePair<string, string?>> settings) =>
        Processes.Start("gateway", ServiceProcesses.Gateway, Processes.GatewayAddress, settings);

    /// <summary>Starts the admin API, open to this machine.</summary>
    public void StartApi(params IEnumerable<KeyValuePair<string, string?>> settings) => Processes.Start(
        "api", "Polling.AdminApi", ApiAddress, [new("Polling__DemoCards", "0"), .. settings]);

    public void StartScheduler(string name, params IEnumerable<KeyValuePair<string, string?>> settings) =>
        Processes.Start(name, ServiceProcesses.Scheduler, ServiceProcesses.FreeAddress(), settings);

    public void StartExecutor(string name, params IEnumerable<KeyValuePair<string, string?>> settings) =>
        Processes.Start(name, ServiceProcesses.Executor, ServiceProcesses.FreeAddress(), settings);

    /// <summary>Waits until every card is loaded.</summary>
    /// <exception cref="TimeoutException">It took too long.</exception>
    public Task UntilInitialisedAsync(TimeSpan patience, CancellationToken cancellation = default) => Processes.UntilAsync(
        "initialised", patience, async () => await Redis.HashGetAsync("polling:init:progress", InitialisationState) == Initialised, cancellation: cancellation);

    public async Task ExecuteAsync(string sql, CancellationToken cancellation = default)
    {
        await using var command = Postgres.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public async Task<T> ScalarAsync<T>(string sql, params object[] values)
    {
        await using var command = Postgres.CreateCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        return (T)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>Cards due and not done, of all tasks, as operators read it.</summary>
    public async Task<long> DueAsync()
    {
        using var queues = await Api.GetFromJsonAsync<JsonDocument>("polling-stats/queues");
        return queues!.RootElement.GetProperty("queues").EnumerateArray().Sum(queue => queue.GetProperty("due_total").GetInt64());
    }

    /// <summary>Processor time of all programs and servers that run, since their start, in seconds.</summary>
    public double CpuSeconds() =>
        Processes.Running.Select(p => p.Process.Id).Append(RedisServer.Pid).Sum(id => ProcessMeter.CpuSeconds(id, withChildren: false)) + ProcessMeter.CpuSeconds(PostgresPid, withChildren: true);

    /// <summary>Waits and tells how many checks were committed a second meanwhile. So short a time that none of the cards is checked twice in it, or soon after.</summary>
    public async Task<double> ChecksPerSecondAsync(TimeSpan time)
    {
        var from = DateTimeOffset.UtcNow;
        await Task.Delay(time);
        var to = DateTimeOffset.UtcNow;
        await Processes.CheckAsync();
        await Task.Delay(CommitGrace);
        var checks = await ScalarAsync<long>(
            "SELECT count(*) FROM tb_card_poll WHERE checked_at >= $1 AND checked_at < $2 AND token > 0 AND outcome = 1", from.UtcDateTime, to.UtcDateTime);
        return checks / (to - from).TotalSeconds;
    }

    public async ValueTask DisposeAsync()
    {
        Api.Dispose();
        Gateway.Dispose();
        await Processes.DisposeAsync();
        await Postgres.DisposeAsync();
        if (_redis is not null)
        {
            await _redis.DisposeAsync();
        }

        await RedisServer.DisposeAsync();
        await _postgresServer.DisposeAsync();
    }

    private async Task PrepareAsync(CancellationToken cancellation)
    {
        await using (var context = new PollingDbContext(new DbContextOptionsBuilder<PollingDbContext>().UseNpgsql(_postgresServer.ConnectionString).Options))
        {
            await new MigrationRunner(context, TimeProvider.System, NullLogger<MigrationRunner>.Instance).RunAsync(cancellation);
        }

        _redis = await ConnectionMultiplexer.ConnectAsync(RedisServer.ConnectionString);
    }
}
