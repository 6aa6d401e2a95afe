using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Polling.AppHost.LocalServers;
using Polling.Core.Cards;
using Polling.Core.Carriers;
using Polling.Core.Persistence;
using Polling.Core.Persistence.Suspensions;
using Polling.Core.Queue;
using Polling.Core.Suspensions;
using Polling.Executor.Dialects;
using Polling.Executor.Gateway;
using Polling.Executor.Suspensions;
using Polling.Executor.Tests.Results;
using Polling.MockGateway.Tests;
using Polling.TestServers;
using StackExchange.Redis;

namespace Polling.Executor.Tests.Suspensions;

/// <summary>Suspensions and resumes from the outbox to the carrier: the executor's own classes, the real mock gateway in each dialect, real PostgreSQL and Redis.</summary>
public sealed class SuspensionFlowTests : IAsyncLifetime
{
    private const int RoundsMax = 10;
    private static readonly TimeSpan Hold = TimeSpan.FromMinutes(5);
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();
    private static readonly TimeZoneInfo Zone = TimeZoneInfo.FindSystemTimeZoneById(CarrierAccount.DefaultTimeZone);
    private ResultDatabase _database = null!;
    private TestRedis _server = null!;
    private ConnectionMultiplexer _redis = null!;
    private RunningGateway _mock = null!;
    private ServiceProvider _services = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private SuspensionOutbox Outbox => _services.GetRequiredService<SuspensionOutbox>();

    public async ValueTask InitializeAsync()
    {
        _database = await ResultDatabase.StartAsync(cards: 4);
        _server = await TestRedis.StartAsync(RedisEngines.Found[0]);
        _redis = await ConnectionMultiplexer.ConnectAsync(_server.ConnectionString);
        _mock = await RunningGateway.StartAsync(("MockGateway:Behaviour:Jobs:Seconds", "0"), ("MockGateway:Behaviour:Faults:HangSeconds", "1"));
        await _redis.GetDatabase().HashSetAsync(
            new RedisKeys(KeyLayout.Contract).AccountLimits(_database.Account), [new("calls_per_second", 1000), new("max_in_flight", 100), new("status", 1)]);
        _services = new ServiceCollection()
            .AddLogging(logging => logging.ClearProviders())
            .AddSingleton(TimeProvider.System)
            .AddSingleton(Host.CreateApplicationBuilder().Environment)
            .AddSingleton<IConnectionMultiplexer>(_redis)
            .AddSingleton(_database.Source)
            .AddDbContext<PollingDbContext>(options => options.UseNpgsql(_database.Source))
            .AddSingleton<ExecutorIdentity>()
            .AddPollingPersistence()
            .AddPollingQueue()
            .AddGatewayClient()
            .AddDialects()
            .Configure<ExecutorOptions>(options => (options.TotalTimeoutSeconds, options.AttemptTimeoutSeconds) = (2, 2))
            .AddSingleton<SuspensionOutbox>().AddSingleton<SuspensionGate>().AddSingleton<OverLimit>()
            .AddSingleton<SuspensionReasons>().AddSingleton<SuspensionRunner>()
            .BuildServiceProvider();
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await _mock.DisposeAsync();
        await _redis.DisposeAsync();
        await _server.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("onelink")]
    [InlineData("telecom")]
    [InlineData("jasper")]
    public async Task A_card_over_its_limit_is_stopped_once_and_goes_on_when_the_reason_is_gone(string dialect)
    {
        var card = await OverAsync(dialect);
        await RunAsync();
        Assert.Equal(["10"], await StatesAsync(card));
        Assert.Equal((CardStatus.Suspended, StoppedBy.Polling), await StopAsync(card));
        Assert.Equal(["stop"], await StopsAsync(card));

        // Run once more, by whoever: nothing is done twice.
        await RunAsync();
        Assert.Equal(["stop"], await StopsAsync(card));
        if (dialect == "onelink")
        {
            // It bars another change of the card for five minutes.
            return;
        }

        // A top-up: the card is not over any more.
        await RunSqlAsync("UPDATE tb_package SET allowance_bytes = 1000000000000000");
        var resumes = new ResumeRequests(_database.Source, new OverLimit(_database.Source));
        Assert.Equal(1, (await resumes.RequestAsync(0, 10, Now, TimeSpan.Zero, Stop)).Requested);
        Assert.Equal(0, (await resumes.RequestAsync(0, 10, Now, TimeSpan.Zero, Stop)).Requested);
        await RunAsync();
        Assert.Equal((CardStatus.Active, null), await StopAsync(card));
        Assert.Equal(["stop", "resume"], await StopsAsync(card));
        Assert.Equal(2, (await Outbox.FindCardAsync(card, Stop))!.Episode);
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("telecom")]
    public async Task A_stop_whose_answer_is_lost_is_found_by_looking_and_not_made_again(string dialect)
    {
        var card = await OverAsync(dialect);
        await _mock.BehaveAsync("""{"faults":{"lost_answer":1,"hang_seconds":10}}""");
        await RoundAsync();
        Assert.Equal(["3"], await StatesAsync(card));
        await _mock.BehaveAsync("""{"faults":{"lost_answer":0}}""");
        await RunAsync();
        Assert.Equal(["10"], await StatesAsync(card));
        Assert.Equal(["stop"], await StopsAsync(card));
    }

    [Fact]
    public async Task What_the_carrier_says_now_counts_more_than_the_ledger()
    {
        var card = await OverAsync("plain", limit: 1L << 47);
        await RunAsync();
        Assert.Equal(["11"], await StatesAsync(card));
        Assert.Contains("the carrier says now", await TextAsync("SELECT reason FROM tb_suspension"), StringComparison.Ordinal);
        Assert.Empty(await StopsAsync(card));
    }

    [Fact]
    public async Task A_card_that_the_carrier_has_stopped_is_the_carriers_and_never_resumed_by_us()
    {
        var card = await OverAsync("plain");
        var iccid = (await Outbox.FindCardAsync(card, Stop))!.Card.Number;
        await _mock.ForceAsync(iccid, """{"state":"stopped","stopped_by":"carrier"}""");
        await RunAsync();
        Assert.Equal(["11"], await StatesAsync(card));
        Assert.Equal((CardStatus.Suspended, StoppedBy.Carrier), await StopAsync(card));
        await RunSqlAsync("UPDATE tb_package SET allowance_bytes = 1000000000000000");
        Assert.Equal(0, (await new ResumeRequests(_database.Source, new OverLimit(_database.Source)).RequestAsync(0, 10, Now, TimeSpan.Zero, Stop)).Requested);
        Assert.DoesNotContain("resume", await StopsAsync(card));
    }

    [Theory]
    [InlineData("UPDATE tb_card SET status = 0", "neither active nor suspended")]
    [InlineData("UPDATE tb_package SET allowance_bytes = 1000000000000000", "not over the limit")]
    [InlineData("INSERT INTO tb_suspension_exemption (card_id, reason, created_by) SELECT id, 'lift', 'ops' FROM tb_card", "exempt")]
    [InlineData("UPDATE tb_suspension SET cycle = cycle - 31", "cycle has ended")]
    [InlineData("UPDATE tb_suspension SET episode = 7", "allowance was changed")]
    [InlineData("UPDATE tb_carrier_account SET suspension_mode = 'off'", "suspension_mode is off")]
    public async Task When_its_reason_is_gone_it_is_void_and_the_carrier_is_not_asked_to_stop(string change, string why)
    {
        var card = await OverAsync("plain");
        await RunSqlAsync(change);
        await RunAsync();
        Assert.Equal(["11"], await StatesAsync(card));
        Assert.Contains(why, await TextAsync("SELECT reason FROM tb_suspension"), StringComparison.Ordinal);
        Assert.Empty(await StopsAsync(card));
    }

    // The account speaks the dialect; its first card has used more than it may, by the ledger and, unless the limit is higher, by the carrier.
    private async Task<long> OverAsync(string dialect, long limit = 0)
    {
        var spoken = _services.GetRequiredService<DialectRegistry>().Of(CarrierDialects.Find(dialect)!.Value);
        var day = dialect == "jasper" ? 27 : 1;
        var (card, cycle) = (_database.Cards[0], BillingCycle.Of(Now, Zone, day));
        await RunSqlAsync(
            string.Create(CultureInfo.InvariantCulture, $"""
            UPDATE tb_carrier_account SET dialect = '{dialect}', base_url = '{new Uri(_mock.Address, spoken.MockRoot)}', app_secret = 'secret-A', billing_cycle_day = {day};
            INSERT INTO tb_package (code, name, allowance_bytes, is_directional) VALUES ('P', 'P', {limit}, true);
            UPDATE tb_card SET package_id = (SELECT id FROM tb_package) WHERE id = {card};
            INSERT INTO tb_usage_cycle (card_id, cycle, account_id, used_bytes, previous_used_bytes, last_bytes, last_as_of, last_read_at, first_read_at, falling_readings, late_readings)
            VALUES ({card}, '{cycle:yyyy-MM-dd}', {_database.Account}, {1L << 48}, 0, {1L << 48}, now(), now(), now(), 0, 0);
            INSERT INTO tb_suspension (card_id, account_id, action, rule, cycle, episode, state, reason, requested_by, attempts)
            VALUES ({card}, {_database.Account}, 1, 1, '{cycle:yyyy-MM-dd}', 1, 1, 'over', 'polling', 0)
            """));
        await _services.GetRequiredService<GatewayAccounts>().StartAsync(Stop);
        return card;
    }

    // Until nothing is open: what is put off is not waited for.
    private async Task RunAsync()
    {
        for (var round = 0; round < RoundsMax && await RoundAsync() > 0; round++)
        {
        }
    }

    private async Task<int> RoundAsync()
    {
        var taken = await Outbox.TakeAsync($"{Guid.NewGuid():N}", Now.AddYears(1), Hold, 10, Stop);
        foreach (var work in taken)
        {
            await _services.GetRequiredService<SuspensionRunner>().RunAsync(work, TimeProvider.System.GetUtcNow() + Hold, Stop);
        }

        return taken.Count;
    }

    private async Task<(CardStatus Status, StoppedBy? By)> StopAsync(long cardId)
    {
        var card = (await Outbox.FindCardAsync(cardId, Stop))!;
        return (card.Card.Status, card.StoppedBy);
    }

    // What was carried out at the carrier's.
    private async Task<string[]> StopsAsync(long cardId)
    {
        var iccid = (await Outbox.FindCardAsync(cardId, Stop))!.Card.Number;
        return [.. (await _mock.StopsAsync(iccid)).Where(stop => stop is { Result: "0", Repeated: false }).Select(stop => stop.Action)];
    }

    private async Task<string[]> StatesAsync(long cardId)
    {
        await using var command = _database.Source.CreateCommand($"SELECT string_agg(state::text, ' ' ORDER BY id) FROM tb_suspension WHERE card_id = {cardId}");
        return ((string)(await command.ExecuteScalarAsync(Stop))!).Split(' ');
    }

    private async Task<string> TextAsync(string sql)
    {
        await using var command = _database.Source.CreateCommand(sql);
        return (string)(await command.ExecuteScalarAsync(Stop))!;
    }

    private async Task RunSqlAsync(string sql)
    {
        await using NpgsqlCommand command = _database.Source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Stop);
    }
}
