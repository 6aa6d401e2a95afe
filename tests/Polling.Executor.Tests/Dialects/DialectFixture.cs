using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Polling.AppHost.LocalServers;
using Polling.Core.Carriers;
using Polling.Core.Queue;
using Polling.Executor.Checks;
using Polling.Executor.Dialects;
using Polling.Executor.Gateway;
using Polling.MockGateway.Tests;
using Polling.TestServers;
using StackExchange.Redis;

namespace Polling.Executor.Tests.Dialects;

/// <summary>The real mock gateway, a real Redis, and the executor's dialects as they are registered, twice: as two processes have them.</summary>
public sealed class DialectFixture : IAsyncLifetime
{
    private readonly RedisKeys _keys = new(KeyLayout.Contract);
    private readonly List<ServiceProvider> _processes = [];
    private TestRedis _server = null!;
    private ConnectionMultiplexer _redis = null!;
    private int _accounts;

    internal RunningGateway Mock { get; private set; } = null!;

    internal IDatabase Redis => _redis.GetDatabase();

    public async ValueTask InitializeAsync()
    {
        _server = await TestRedis.StartAsync(RedisEngines.Found[0]);
        _redis = await ConnectionMultiplexer.ConnectAsync(_server.ConnectionString);
        Mock = await RunningGateway.StartAsync();
        for (var process = 0; process < 2; process++)
        {
            _processes.Add(new ServiceCollection()
                .AddLogging()
                .AddSingleton(TimeProvider.System)
                .AddSingleton<IConnectionMultiplexer>(_redis)
                .AddSingleton(NpgsqlDataSource.Create("Host=127.0.0.1;Port=1")) // For monthly budgets, which its accounts do not have.
                .AddSingleton<ExecutorIdentity>()
                .AddPollingQueue()
                .AddGatewayClient()
                .AddDialects()
                .AddTaskChecks()
                .Configure<ExecutorOptions>(_ => { })
                .BuildServiceProvider());
        }
    }

    /// <summary>An account that no other test has.</summary>
    internal async Task<DialectAccount> AccountAsync(CarrierDialect dialect, int callsPerSecond = 1000, string? secret = null)
    {
        var id = Interlocked.Increment(ref _accounts);
        await Redis.HashSetAsync(
            _keys.AccountLimits(id), [new("calls_per_second", callsPerSecond), new("max_in_flight", 100), new("status", 1)]);
        var spoken = Process(0).GetRequiredService<DialectRegistry>().Of(dialect);
        var code = $"{dialect.Name()}-{id}";
        var account = new GatewayAccount(code, new Uri(Mock.Address, spoken.MockRoot), TimeZoneInfo.FindSystemTimeZoneById("Asia/Shanghai"))
        {
            Dialect = dialect,
            AppSecret = secret ?? "secret-" + code,
        };
        return new DialectAccount(this, id, account);
    }

    internal IServiceProvider Process(int number) => _processes[number];

    internal RedisKey TokenKey(int accountId) => _keys.Token(accountId);

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
        {
            await process.DisposeAsync();
        }

        await Mock.DisposeAsync();
        await _redis.DisposeAsync();
        await _server.DisposeAsync();
    }
}
