using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Polling.Core.Carriers;
using Polling.Core.Persistence;
using Polling.Core.Persistence.Accounts;
using Polling.Core.Queue.Quotas;
using Polling.Queue.Tests.Harness;
using Polling.TestServers;

namespace Polling.Queue.Tests.Accounts;

/// <summary>Monthly budgets, with a real PostgreSQL.</summary>
public sealed class MonthTests(Engines engines) : IAsyncLifetime
{
    private TestPostgres? _server;
    private NpgsqlDataSource? _database;

    public async ValueTask InitializeAsync()
    {
        _server = await TestPostgres.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        _database = NpgsqlDataSource.Create(_server.ConnectionString);
        await using var context = new PollingDbContext(new DbContextOptionsBuilder<PollingDbContext>().UseNpgsql(_server.ConnectionString).Options);
        await context.Database.MigrateAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _database!.DisposeAsync();
        await _server!.DisposeAsync();
    }

    [Theory, MemberData(nameof(Engines.Single), MemberType = typeof(Engines))]
    public async Task Racing_senders_get_the_whole_budget_and_no_call_more(Engine engine)
    {
        var (queue, account, gate) = await StartAsync(engine, budget: 1_050);
        var granted = await RaceAsync(queue, gate, senders: 8, callsEach: 200);

        Assert.Equal(1_050, granted);
        Assert.Equal(1_050, await ReservedAsync());
        var refused = await gate.AcquireAsync(1, "one more", AccountSeed.Timeout);
        Assert.Equal((QuotaRefusal.Month, 60.0), (refused.Refusal, refused.RetryAfter.TotalSeconds));

        account.CallsPerMonth = 1_060;
        await SaveAsync(account);
        await queue.PublishAsync(account);
        Assert.Equal(10, await RaceAsync(queue, gate, senders: 8, callsEach: 20));
    }

    [Theory, MemberData(nameof(Engines.Single), MemberType = typeof(Engines))]
    public async Task What_a_lost_or_restarted_Redis_held_counts_as_used(Engine engine)
    {
        var (queue, account, gate) = await StartAsync(engine, budget: 1_000);
        var granted = await RaceAsync(queue, gate, senders: 8, callsEach: 40);
        await queue.Redis.KeyDeleteAsync([queue.Keys.QuotaMonth(1), queue.Keys.AccountLimits(1)]);
        await queue.PublishAsync(account);
        granted += await RaceAsync(queue, gate, senders: 8, callsEach: 40);
        await queue.PublishAsync(account, runId: "run2");
        granted += await RaceAsync(queue, gate, senders: 8, callsEach: 200);

        Assert.InRange(granted, 800, 1_000);
        Assert.Equal(1_000, await ReservedAsync());
    }

    [Theory, MemberData(nameof(Engines.Single), MemberType = typeof(Engines))]
    public async Task A_new_month_of_the_account_brings_a_new_budget_without_a_publication(Engine engine)
    {
        var (queue, _, gate) = await StartAsync(engine, budget: 5);
        Assert.Equal(5, await RaceAsync(queue, gate, senders: 1, callsEach: 10));

        // 2027-01-15T08:00Z; February begins in Shanghai at 2027-01-31T16:00Z.
        var february = new DateTimeOffset(2027, 1, 31, 16, 0, 0, TimeSpan.Zero);
        await queue.AdvanceAsync(february - queue.Now() - TimeSpan.FromSeconds(1));
        var refused = await gate.AcquireAsync(1, "late", AccountSeed.Timeout);
        Assert.Equal((QuotaRefusal.Month, 1.0), (refused.Refusal, refused.RetryAfter.TotalSeconds));
        await queue.AdvanceAsync(refused.RetryAfter);
        Assert.Equal(5, await RaceAsync(queue, gate, senders: 1, callsEach: 10));
        Assert.Equal(5, await ReservedAsync("2027-02-01"));
    }

    [Theory, MemberData(nameof(Engines.Single), MemberType = typeof(Engines))]
    public async Task A_budget_lowered_below_what_is_reserved_stops_where_it_says(Engine engine)
    {
        var (queue, account, gate) = await StartAsync(engine, budget: 1_000);
        Assert.Equal(30, await RaceAsync(queue, gate, senders: 1, callsEach: 30));
        account.CallsPerMonth = 40;
        await SaveAsync(account);
        await queue.PublishAsync(account);
        Assert.Equal(10, await RaceAsync(queue, gate, senders: 8, callsEach: 30));
    }

    [Theory, MemberData(nameof(Engines.Single), MemberType = typeof(Engines))]
    public async Task A_block_is_granted_once_and_a_process_that_died_before_it_holds_up_the_others_for_two_seconds(Engine engine)
    {
        var (queue, _, gate) = await StartAsync(engine, budget: 1_000);
        var asked = (await queue.AskAsync(1)).Month!.Value;
        Assert.Equal(QuotaRefusal.MonthWait, (await gate.AcquireAsync(1, "2", AccountSeed.Timeout)).Refusal);
        await queue.AdvanceAsync(TimeSpan.FromSeconds(2));
        Assert.True((await gate.AcquireAsync(1, "2", AccountSeed.Timeout)).IsGranted);

        Assert.False(await queue.Quotas.GrantAsync(1, asked, new MonthBlock(100, 100)));
        Assert.True(await queue.Quotas.GrantAsync(1, asked, new MonthBlock(100, 200)));
        Assert.False(await queue.Quotas.GrantAsync(1, asked, new MonthBlock(100, 200)));
        Assert.Equal(199, (int)await queue.Redis.HashGetAsync(queue.Keys.QuotaMonth(1), "left"));
    }

    [Theory, MemberData(nameof(Engines.Single), MemberType = typeof(Engines))]
    public async Task Without_PostgreSQL_no_call_is_sent_that_is_not_reserved(Engine engine)
    {
        var (queue, _, gate) = await StartAsync(engine, budget: 1_000);
        await _server!.KillAsync();
        var refused = await gate.AcquireAsync(1, "1", AccountSeed.Timeout);
        Assert.Equal((QuotaRefusal.MonthBlock, 1.0), (refused.Refusal, refused.RetryAfter.TotalSeconds));
        await _server.RestartAsync(TestContext.Current.CancellationToken);
        await queue.AdvanceAsync(TimeSpan.FromSeconds(2));
        NpgsqlConnection.ClearAllPools();
        Assert.True((await gate.AcquireAsync(1, "1", AccountSeed.Timeout)).IsGranted);
    }

    private async Task<(TestQueue Queue, CarrierAccount Account, AccountGate Gate)> StartAsync(Engine engine, long budget)
    {
        var queue = await TestQueue.StartAsync(engines, engine);
        var account = AccountSeed.Account();
        (account.CallsPerMonth, account.CallsPerSecond) = (budget, 100_000);
        await ExecuteAsync(
            """
            INSERT INTO tb_carrier (code, name) VALUES ('A', 'a');
            INSERT INTO tb_carrier_account (carrier_id, code, name, calls_per_second, cards_per_call, max_in_flight, status)
            VALUES (1, 'A', 'a', 1000, 1, 1000, 1)
            """);
        await SaveAsync(account);
        await queue.PublishAsync(account);
        return (queue, account, new AccountGate(queue.Quotas, new MonthBudget(_database!), NullLogger<AccountGate>.Instance));
    }

    /// <summary>Many senders at once, each with so many calls; how many were granted.</summary>
    private static async Task<int> RaceAsync(TestQueue queue, AccountGate gate, int senders, int callsEach)
    {
        var granted = new ConcurrentBag<string>();
        await Task.WhenAll(Enumerable.Range(0, senders).Select(async _ =>
        {
            for (var call = 0; call < callsEach; call++)
            {
                var attempt = $"{Guid.NewGuid()}";
                QuotaDecision decision;
                var tries = 0;
                while ((decision = await gate.AcquireAsync(1, attempt, AccountSeed.Timeout)).Refusal is QuotaRefusal.MonthBlock or QuotaRefusal.MonthWait)
                {
                    Assert.True(++tries < 10_000, $"still refused: {decision.Refusal}");
                }

                if (decision.IsGranted)
                {
                    granted.Add(attempt);
                    await queue.Quotas.EndAsync(1, attempt);
                }
            }
        }));
        return granted.Count;
    }

    private Task SaveAsync(CarrierAccount account) => ExecuteAsync($"UPDATE tb_carrier_account SET calls_per_month = {account.CallsPerMonth}");

    private async Task<long> ReservedAsync(string month = "2027-01-01")
    {
        await using var command = _database!.CreateCommand($"SELECT calls FROM tb_account_month_use WHERE account_id = 1 AND month = '{month}'");
        return (long)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var command = _database!.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }
}
