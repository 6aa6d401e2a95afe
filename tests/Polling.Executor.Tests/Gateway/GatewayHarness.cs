using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Polling.AppHost.LocalServers;
using Polling.Core.Cards;
using Polling.Core.Carriers;
using Polling.Core.Configuration;
using Polling.Core.Persistence.Results;
using Polling.Core.Queue;
using Polling.Core.Queue.Claims;
using Polling.Core.Queue.Facts;
using Polling.Core.Queue.Lateness;
using Polling.Executor.Checks;
using Polling.Executor.Claims;
using Polling.Executor.Dialects;
using Polling.Executor.Gateway;
using Polling.TestServers;
using StackExchange.Redis;

namespace Polling.Executor.Tests.Gateway;

/// <summary>The executor's gateway client as it is registered, a real Redis for its quotas, and a web server that answers what the test wants.</summary>
internal sealed class GatewayHarness : IAsyncDisposable
{
    public const int Account = 1;
    public static readonly CardFacts[] Cards =
        [.. Enumerable.Range(1, 3).Select(i => new CardFacts(i, Account, CardStatus.Active, RealNameStatus.NotRealNamed, 0, 1, $"898600000000000000{i:D2}"))];

    private readonly TestRedis _server;
    private readonly ConnectionMultiplexer _redis;
    private readonly WebApplication _web;
    private readonly ServiceProvider _services;
    private long _calls;
    private int _sent;

    private GatewayHarness(TestRedis server, ConnectionMultiplexer redis, WebApplication web, ServiceProvider services) =>
        (_server, _redis, _web, _services) = (server, redis, web, services);

    /// <summary>What the web server does with a request.</summary>
    public Func<HttpContext, Task> Answer { get; set; } = _ => Task.CompletedTask;

    /// <summary>Requests that arrived.</summary>
    public ConcurrentQueue<string> Arrived { get; } = [];

    /// <summary>Attempts that were charged and then sent.</summary>
    public int Sent => Volatile.Read(ref _sent);

    public IDatabase Redis => _redis.GetDatabase();

    /// <param name="callsPerSecond">The account's quota.</param>
    /// <param name="totalTimeoutSeconds">Of a call, s.</param>
    /// <param name="maxInFlight">The account's limit.</param>
    /// <param name="handshake">How long the TLS handshake of each connection takes; null: there is no TLS.</param>
    public static async Task<GatewayHarness> StartAsync(
        int callsPerSecond = 1000, int totalTimeoutSeconds = 15, int maxInFlight = 10, Func<TimeSpan>? handshake = null)
    {
        var server = await TestRedis.StartAsync(RedisEngines.Found[0]);
        var redis = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString);
        var keys = new RedisKeys(KeyLayout.Contract);
        await redis.GetDatabase().HashSetAsync(keys.AccountLimits(Account),
            [new("calls_per_second", callsPerSecond), new("max_in_flight", maxInFlight), new("status", 1)]);

        GatewayHarness? harness = null;
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen =>
        {
            if (handshake is not null)
            {
                listen.UseHttps(SlowHandshake.Of(handshake));
            }
        }));
        var web = builder.Build();
        web.Run(context =>
        {
            harness!.Arrived.Enqueue(context.Request.Path);
            return harness.Answer(context);
        });
        await web.StartAsync();

        var services = new ServiceCollection()
            .AddLogging()
            .AddSingleton(TimeProvider.System)
            .AddSingleton<IConnectionMultiplexer>(redis)
            .AddSingleton(NpgsqlDataSource.Create("Host=127.0.0.1;Port=1")) // For monthly budgets, which its account does not have.
            .AddSingleton<ExecutorIdentity>()
            .AddPollingQueue()
            .AddGatewayClient()
            .AddDialects()
            .AddTaskChecks()
            .Configure<ExecutorOptions>(o => (o.TotalTimeoutSeconds, o.AttemptTimeoutSeconds) = (totalTimeoutSeconds, totalTimeoutSeconds));

        services.AddHttpClient<GatewayHttp>().ConfigurePrimaryHttpMessageHandler((handler, _) =>
            ((SocketsHttpHandler)handler).SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) => SlowHandshake.IsOurs(certificate));

        // Innermost: what has been charged goes through it, once each time.
        services.AddHttpClient<GatewayHttp>().AddHttpMessageHandler(() => new Counting(() => Interlocked.Increment(ref harness!._sent)));
        harness = new GatewayHarness(server, redis, web, services.BuildServiceProvider()) { _totalTimeout = TimeSpan.FromSeconds(totalTimeoutSeconds) };
        return harness;
    }

    private TimeSpan _totalTimeout;

    /// <summary>Asks with the plain dialect alone.</summary>
    public Task<IReadOnlyList<CardReading<RealNameStatus>>> AskAsync(TimeSpan? leaseLeft = null, CancellationTokenSource? giveUp = null) =>
        Dialect(CarrierDialect.Plain).ReadRealNamesAsync(
            Outgoing(TaskType.Realname, leaseLeft), Gateway, Cards, giveUp?.Token ?? TestContext.Current.CancellationToken);

    /// <summary>Asks as the task type's check does.</summary>
    public Task<IReadOnlyList<CardResult>> CheckAsync(TaskType type, CarrierDialect dialect = CarrierDialect.Plain, int cards = 3) =>
        _services.GetServices<ITaskCheck>().Single(check => check.Type == type).AskAsync(
            Outgoing(type, null), Gateway with { Dialect = dialect }, [.. Cards.Take(cards).Select(facts => new AskedCard(facts, 1_000))],
            TestContext.Current.CancellationToken);

    /// <summary>Stops the first card.</summary>
    public Task<ChangeReading> StopAsync(CarrierDialect dialect) => Dialect(dialect).ChangeStopAsync(
        Outgoing(TaskType.Package, null), Gateway with { Dialect = dialect }, Cards[0], isStopped: true, "key", TestContext.Current.CancellationToken);

    private IDialect Dialect(CarrierDialect dialect) => _services.GetRequiredService<DialectRegistry>().Of(dialect);

    /// <summary>Where to ask instead of the web server.</summary>
    public Uri? Elsewhere { get; set; }

    private GatewayAccount Gateway => new("demo", Elsewhere ?? new Uri(_web.Urls.First() + "/"), TimeZoneInfo.FindSystemTimeZoneById("Asia/Shanghai")) { AppSecret = "s" };

    private OutgoingCall Outgoing(TaskType type, TimeSpan? leaseLeft)
    {
        var now = TimeProvider.System.GetUtcNow();
        var claimed = new ClaimedCall(
            type, $"{Interlocked.Increment(ref _calls)}:{Account}:3", 1, 1, Account, 0, now.ToUnixTimeMilliseconds(), 0, LatenessCause.OnTime, null, [], []);
        var lease = (leaseLeft ?? TimeSpan.FromSeconds(10)) + _totalTimeout + ExecutorOptionsValidator.Margin;
        return new OutgoingCall(new CallLease(claimed, now, now, lease), _totalTimeout);
    }

    /// <summary>Attempts that the account still counts as in flight.</summary>
    public Task<long> InFlightAsync() => Redis.SortedSetLengthAsync(new RedisKeys(KeyLayout.Contract).InFlight(Account));

    /// <summary>Attempts that the account was charged.</summary>
    public Task<long> ChargedAsync() => Redis.SortedSetLengthAsync(new RedisKeys(KeyLayout.Contract).QuotaWindow(Account));

    /// <summary>The attempts in flight, and when the last one was granted, by Redis' clock.</summary>
    public async Task<(string[] InFlight, DateTimeOffset At)> LastGrantAsync()
    {
        var keys = new RedisKeys(KeyLayout.Contract);
        var last = await Redis.SortedSetRangeByRankWithScoresAsync(keys.QuotaWindow(Account), -1);
        var inFlight = await Redis.SortedSetRangeByRankAsync(keys.InFlight(Account));
        return ([.. inFlight.Select(attempt => (string)attempt!)], DateTimeOffset.UnixEpoch.AddMicroseconds(last[0].Score));
    }

    /// <summary>An operator pauses the account.</summary>
    public void Pause() => Redis.HashSet(new RedisKeys(KeyLayout.Contract).AccountLimits(Account), "status", 0);

    /// <summary>What the account knows of its carrier.</summary>
    public async Task<string?> CircuitAsync(string field) => await Redis.HashGetAsync(new RedisKeys(KeyLayout.Contract).Circuit(Account), field);

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await _web.DisposeAsync();
        await _redis.DisposeAsync();
        await _server.DisposeAsync();
    }

    private sealed class Counting(Action count) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            count();
            return base.SendAsync(request, cancellationToken);
        }
    }
}
