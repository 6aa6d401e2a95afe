using System.Collections.Concurrent;
using System.Globalization;
using Npgsql;
using Polling.AppHost.LocalServers;
using Polling.AppHost.Processes;
using Polling.TestServers;
using StackExchange.Redis;

namespace Polling.Weeks.Tests.Processes;

/// <summary>
/// The system as real processes in virtual time: admin API, scheduler, two executors, mock gateway, Redis and PostgreSQL. All clocks are moved
/// together, and only while nothing is leased.
/// </summary>
internal sealed class WeeksSystem : IAsyncDisposable
{
    private const int Executors = 2;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(15);
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(9);
    private static readonly TimeSpan StartPatience = TimeSpan.FromMinutes(3);
    private readonly string _folder = TestFolders.Create("weeks");
    private readonly SupervisedProcess?[] _executors = new SupervisedProcess?[Executors];
    private readonly List<SupervisedProcess> _others = [];
    private readonly TestRedis _redisServer;
    private readonly TestPostgres _postgresServer;
    private readonly ConnectionMultiplexer _redis;
    private readonly Uri _gateway = FreeAddress();
    private readonly long _seed;
    private readonly ConcurrentQueue<int> _dead = new();

    private WeeksSystem(TestRedis redisServer, TestPostgres postgresServer, ConnectionMultiplexer redis, long seed)
    {
        (_redisServer, _postgresServer, _redis, _seed) = (redisServer, postgresServer, redis, seed);
        Postgres = NpgsqlDataSource.Create(postgresServer.ConnectionString);
        Api = new ApiClient(FreeAddress());
        Gateway = new ApiClient(_gateway);
        Clocks = new VirtualClocks(Gateway, Redis);
    }

    /// <summary>Carriers count usage in steps of so long: whatever the order and the moment of questions within one, the answers are the same.</summary>
    public static TimeSpan UsageStep { get; } = TimeSpan.FromHours(4);

    public IDatabase Redis => _redis.GetDatabase();

    public NpgsqlDataSource Postgres { get; }

    public ApiClient Api { get; }

    public ApiClient Gateway { get; }

    public VirtualClocks Clocks { get; }

    /// <summary>The virtual time.</summary>
    public DateTimeOffset Now => Clocks.Now;

    /// <summary>An executor has been killed and may have left leases.</summary>
    public bool HasDead => !_dead.IsEmpty;

    /// <summary>Starts all but the executors at a moment of the virtual time, in the future.</summary>
    public static async Task<WeeksSystem> StartAsync(DateTimeOffset at, long seed)
    {
        var redisServer = await TestRedis.StartAsync(RedisEngine.Redis);
        var postgresServer = await TestPostgres.StartAsync();
        var system = new WeeksSystem(redisServer, postgresServer, await ConnectionMultiplexer.ConnectAsync(redisServer.ConnectionString), seed);
        try
        {
            await system.BootAsync(at);
            return system;
        }
        catch
        {
            await system.DisposeAsync();
            throw;
        }
    }

    /// <summary>Nothing is leased any more: the dead have left nothing.</summary>
    public void ForgetDead() => _dead.Clear();

    /// <summary>Lets the leases end that a dead executor has left. Those by PostgreSQL's clock, which cannot be moved, are ended by hand.</summary>
    public async Task BuryAsync()
    {
        await Clocks.AdvanceAsync(Lease + TimeSpan.FromSeconds(1));
        while (_dead.TryDequeue(out var processId))
        {
            await using var command = Postgres.CreateCommand("UPDATE tb_suspension SET lease_until = now() WHERE lease_until > now() AND lease_owner LIKE $1");
            command.Parameters.Add(new NpgsqlParameter { Value = string.Create(CultureInfo.InvariantCulture, $"%:{processId}:%") });
            await command.ExecuteNonQueryAsync();
        }
    }

    public void StartExecutors()
    {
        for (var i = 0; i < Executors; i++)
        {
            StartExecutor(i);
        }
    }

    /// <summary>kill -9 of an executor in the middle of its work, and another in its place.</summary>
    public async Task KillExecutorAsync(int number)
    {
        var executor = _executors[number]!;
        await executor.KillAsync();
        _dead.Enqueue(executor.Id);
        StartExecutor(number);
    }

    /// <summary>Waits for a condition.</summary>
    /// <exception cref="TimeoutException">It did not come true in time.</exception>
    public async Task UntilAsync(string what, TimeSpan patience, Func<Task<string?>> missing)
    {
        using var timer = new PeriodicTimer(Look);
        using var end = new CancellationTokenSource(patience);
        while (await missing() is { } lacks)
        {
            if (_others.Any(process => process.Exited.IsCompleted))
            {
                throw new InvalidOperationException($"A process has ended; see {_folder}: {await TailAsync()}");
            }

            try
            {
                await timer.WaitForNextTickAsync(end.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"After {patience.TotalSeconds:F0} s still not {what} at {Now:u}: {lacks}. {await TailAsync()}");
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_others.Concat(_executors.OfType<SupervisedProcess>()).Select(process => process.KillAsync()));
        Api.Dispose();
        Gateway.Dispose();
        await Postgres.DisposeAsync();
        await _redis.DisposeAsync();
        await _redisServer.DisposeAsync();
        await _postgresServer.DisposeAsync();
        TestFolders.Remove(_folder);
    }

    private static Uri FreeAddress() => new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{FreePort.Next()}/"));

    private async Task BootAsync(DateTimeOffset at)
    {
        _others.Add(Start("gateway", "Polling.MockGateway", _gateway,
            ("MockGateway__Seed", _seed.ToString(CultureInfo.InvariantCulture)), ("MockGateway__Behaviour__Latency__Enabled", "false"),
            ("MockGateway__Behaviour__Jobs__Seconds", "1"), ("MockGateway__LedgerCapacity", "100000"),
            ("MockGateway__UsageStepSeconds", UsageStep.TotalSeconds.ToString(CultureInfo.InvariantCulture))));
        await UntilAsync("up", StartPatience, () => Gateway.TryAsync("health"));
        await Clocks.AdvanceToAsync(at);
        _others.Add(Start("api", "Polling.AdminApi", Api.Address, ("Polling__DemoCards", "0"), ("Polling__Access__AnonymousPerSecond", "10000")));
        _others.Add(Start("scheduler", "Polling.Scheduler", FreeAddress(), ("Polling__Resume__EverySeconds", "1"), ("Polling__Resume__SpreadSeconds", "0")));
        await UntilAsync("up", StartPatience, () => Api.TryAsync("health"));
    }

    private void StartExecutor(int number) => _executors[number] = Start(
        string.Create(CultureInfo.InvariantCulture, $"executor-{number}"), "Polling.Executor", FreeAddress(),
        ("Polling__Executor__TotalTimeoutSeconds", "3"), ("Polling__Executor__AttemptTimeoutSeconds", "1"),
        ("Polling__Executor__LeaseSeconds", Lease.TotalSeconds.ToString(CultureInfo.InvariantCulture)),
        ("Polling__Suspension__AtOnce", "32"), ("Polling__Suspension__RetryAfterSeconds", "1"), ("Polling__Suspension__JobPollSeconds", "1"),
        ("Polling__Suspension__IdleMs", "50"));

    private SupervisedProcess Start(string name, string program, Uri address, params (string Key, string Value)[] settings) =>
        SupervisedProcess.Start(new ProcessSpec
        {
            Name = name,
            FileName = "dotnet",
            Arguments = ["exec", Path.Combine(AppContext.BaseDirectory, program + ".dll")],
            WorkingDirectory = _folder,
            Environment = settings.ToDictionary(setting => setting.Key, setting => (string?)setting.Value).Concat(new Dictionary<string, string?>
            {
                ["ASPNETCORE_ENVIRONMENT"] = "Development",
                ["ASPNETCORE_URLS"] = address.ToString(),
                ["ConnectionStrings__redis"] = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{_redisServer.Port}"),

                // Processes that live for minutes: statements are planned once, and methods compiled once more at most.
                ["ConnectionStrings__polling"] = _postgresServer.ConnectionString + ";Max Auto Prepare=50",
                ["DOTNET_TieredPGO"] = "0",
                ["services__mock-gateway__http__0"] = _gateway.ToString(),
                ["Polling__VirtualClock"] = "true",
                ["Polling__LogDirectory"] = Path.Combine(_folder, "logs"),
            }).ToDictionary(),
            OutputFile = Path.Combine(_folder, name + ".out"),
        });

    private async Task<string> TailAsync()
    {
        var logs = Directory.EnumerateFiles(_folder, "*.log", SearchOption.AllDirectories).Concat(Directory.EnumerateFiles(_folder, "*.out"));
        var lines = new List<string>();
        foreach (var log in logs)
        {
            lines.AddRange((await File.ReadAllLinesAsync(log)).Where(line => line.Contains("error", StringComparison.OrdinalIgnoreCase)).TakeLast(3));
        }

        return string.Join('\n', lines);
    }
}
