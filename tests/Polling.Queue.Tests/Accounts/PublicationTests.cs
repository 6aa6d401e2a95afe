using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;
using Polling.Core.Configuration;
using Polling.Core.Persistence;
using Polling.Core.Queue.Configuration;
using Polling.Core.Queue.Quotas;
using Polling.Core.Queue.Scripts;
using Polling.Queue.Tests.Harness;
using Polling.TestServers;

namespace Polling.Queue.Tests.Accounts;

/// <summary>The schedulers' publication, with a real PostgreSQL and the real time.</summary>
public sealed class PublicationTests(Engines engines)
{
    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task What_operators_change_is_in_force_after_one_publication_and_what_is_wrong_is_not(Engine engine)
    {
        var cancel = TestContext.Current.CancellationToken;
        var redis = await engines.ConnectAsync(engine);
        var keys = Engines.KeysOf(engine);
        await using var server = await TestPostgres.StartAsync(cancellationToken: cancel);
        await using var services = new ServiceCollection()
            .AddDbContext<PollingDbContext>(o => o.UseNpgsql(server.ConnectionString))
            .BuildServiceProvider();
        await using (var scope = services.CreateAsyncScope())
        {
            await scope.ServiceProvider.GetRequiredService<PollingDbContext>().Database.MigrateAsync(cancel);
        }

        var publisher = new ConfigurationPublisher(
            services.GetRequiredService<IServiceScopeFactory>(), redis, keys, Options.Create(new QuotaOptions()), NullLogger<ConfigurationPublisher>.Instance);
        var gate = new QuotaGate(new ScriptRunner(redis, new ScriptLibrary()), keys);
        await ChangeAsync(
            """
            INSERT INTO tb_carrier (code, name) VALUES ('A', 'a');
            INSERT INTO tb_carrier_account (carrier_id, code, name, calls_per_second, cards_per_call, max_in_flight, status)
            VALUES (1, 'A', 'a', 20, 100, 10, 1)
            """);
        Assert.Null(await RefusalAsync());
        Assert.StartsWith("18|100|100|1|", await redis.GetDatabase().HashGetAsync(keys.Accounts(TaskType.Realname), 1), StringComparison.Ordinal);

        await ChangeAsync("UPDATE tb_carrier_account SET status = 0");
        Assert.Equal(QuotaRefusal.Paused, await RefusalAsync());
        await ChangeAsync("UPDATE tb_carrier_account SET status = 1, calls_per_5_minutes = 1");
        Assert.Equal(QuotaRefusal.FiveMinutes, await RefusalAsync());
        await ChangeAsync("UPDATE tb_carrier_account SET calls_per_5_minutes = NULL, calls_per_month = 1000");
        Assert.Equal(QuotaRefusal.MonthBlock, await RefusalAsync());
        await ChangeAsync("UPDATE tb_carrier_account SET calls_per_month = NULL, maintenance_windows = '{00:00-12:00,12:00-23:59}'");
        if (DateTimeOffset.UtcNow.AddHours(8) is not { Hour: 23, Minute: >= 58 })
        {
            Assert.Equal(QuotaRefusal.Maintenance, await RefusalAsync());
        }

        await ChangeAsync("UPDATE tb_carrier_account SET maintenance_windows = '{}'");
        Assert.Null(await RefusalAsync());

        // A window that cannot be read, and a time zone that does not exist: what was in force stays.
        await ChangeAsync("UPDATE tb_carrier_account SET maintenance_windows = '{tonight}', status = 0");
        Assert.Null(await RefusalAsync());
        await ChangeAsync("UPDATE tb_carrier_account SET maintenance_windows = '{}', time_zone = 'Mars/Olympus'");
        Assert.Null(await RefusalAsync());
        await ChangeAsync("UPDATE tb_carrier_account SET time_zone = 'Europe/Berlin'");
        Assert.Equal(QuotaRefusal.Paused, await RefusalAsync());

        async Task ChangeAsync(string sql)
        {
            await using var database = NpgsqlDataSource.Create(server.ConnectionString);
            await using var command = database.CreateCommand(sql);
            await command.ExecuteNonQueryAsync(cancel);
            Assert.Equal([1], await publisher.PublishAsync(cancel));
        }

        async Task<QuotaRefusal?> RefusalAsync()
        {
            var attempt = $"{Guid.NewGuid()}";
            var decision = await gate.AcquireAsync(1, attempt, AccountSeed.Timeout);
            if (decision.IsGranted)
            {
                await gate.EndAsync(1, attempt);
                return null;
            }

            return decision.Refusal;
        }
    }
}
