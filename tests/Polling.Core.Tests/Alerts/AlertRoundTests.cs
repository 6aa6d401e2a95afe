using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Polling.Core.Alerts;
using Polling.Core.Alerts.Evaluation;
using Polling.Core.Persistence;
using Polling.Core.Persistence.Alerts;
using Polling.Core.Tests.Persistence;

namespace Polling.Core.Tests.Alerts;

/// <summary>Rounds of evaluators on a real database. Time passes by changing what the database remembers.</summary>
public sealed class AlertRoundTests(DatabaseFixture server)
{
    private const string Open = "SELECT count(*) FROM tb_polling_alert_history WHERE resolved_at IS NULL";

    [Fact]
    public async Task After_a_fail_over_the_other_goes_on_with_duration_firing_and_cool_down()
    {
        await using var database = await server.MigratedAsync();
        await AddRuleAsync(database, "for_seconds = 30, cooldown_seconds = 600");
        using var first = new Evaluator(database, "first");
        using var second = new Evaluator(database, "second");

        Assert.True(await first.RunAsync(60));
        Assert.False(await second.RunAsync(60));
        Assert.Equal(0, await CountAsync(database, ""));

        // The first one is killed; 30 s have passed since it saw the rule broken, and its lease is over.
        await PassAsync(database, 30);
        Assert.True(await second.RunAsync(60));
        Assert.Equal(1, await database.ScalarAsync<long>(Open));
        Assert.Contains("告警触发: rule \"r\" (9, queue_backlog) of realname: value 60, threshold > 50", second.Log, StringComparison.Ordinal);
        await second.RunAsync(70);
        Assert.Equal((1, 1), (await CountAsync(database, ""), await CountAsync(database, "WHERE value = 60 AND resolved_at IS NULL")));

        // Over, and broken again within the cool-down, after another fail-over.
        await second.RunAsync(10);
        Assert.Equal(1, await CountAsync(database, "WHERE resolve_value = 10 AND resolve_reason = 'recovered'"));
        Assert.Contains("告警恢复", second.Log, StringComparison.Ordinal);
        await PassAsync(database, 300);
        using var third = new Evaluator(database, "third");
        await third.RunAsync(60);
        await PassAsync(database, 50);
        await third.RunAsync(60);
        Assert.Equal(1, await CountAsync(database, ""));
        for (var i = 0; i < 6; i++)
        {
            await PassAsync(database, 50);
            await third.RunAsync(60);
        }

        Assert.Equal((2, 1), (await CountAsync(database, ""), await database.ScalarAsync<long>(Open)));
        Assert.Equal(3, await database.ScalarAsync<long>("SELECT count(*) FROM tb_polling_alert_delivery"));
    }

    [Fact]
    public async Task An_evaluator_that_slept_through_its_lease_records_nothing()
    {
        await using var database = await server.MigratedAsync();
        await AddRuleAsync(database, "for_seconds = 0");
        using var sleeper = new Evaluator(database, "sleeper");
        using var other = new Evaluator(database, "other");
        await Assert.ThrowsAsync<SingletonLeaseLostException>(() => sleeper.RunAsync(60, beforeWriting: async () =>
        {
            await PassAsync(database, 30);
            Assert.True(await other.RunAsync(60));
        }));
        Assert.Equal(1, await CountAsync(database, ""));
        Assert.Equal(1, await database.ScalarAsync<long>("SELECT count(*) FROM tb_polling_alert_delivery"));
    }

    [Fact]
    public async Task A_firing_ends_when_its_rule_is_switched_off_or_changed_and_goes_on_through_a_restore()
    {
        await using var database = await server.MigratedAsync();
        await AddRuleAsync(database, "cooldown_seconds = 0");
        using var evaluator = new Evaluator(database, "a");
        await evaluator.RunAsync(60);
        await database.ExecuteAsync("UPDATE tb_polling_alert_rule SET is_enabled = false WHERE id = 9");
        await evaluator.RunAsync(60);
        Assert.Equal(1, await CountAsync(database, "WHERE resolve_reason = 'rule_disabled' AND resolve_value IS NULL"));

        await database.ExecuteAsync("UPDATE tb_polling_alert_rule SET is_enabled = true WHERE id = 9");
        await evaluator.RunAsync(60);
        Assert.Equal(1, await database.ScalarAsync<long>(Open));
        await database.ExecuteAsync("UPDATE tb_polling_alert_rule SET rule_type = 'lateness' WHERE id = 9");
        await evaluator.RunAsync(60);
        Assert.Equal((1, 1), (await CountAsync(database, "WHERE resolve_reason = 'rule_changed'"), await CountAsync(database, "WHERE rule_type = 'lateness' AND resolved_at IS NULL")));

        // A restore is no deletion: for a moment the table is empty, or not there at all.
        await database.ExecuteAsync("ALTER TABLE tb_polling_alert_rule RENAME TO kept");
        await evaluator.RunAsync(60);
        await evaluator.RunAsync(60);
        Assert.Single(evaluator.Log.Split('\n'), line => line.Contains("no table tb_polling_alert_rule", StringComparison.Ordinal));
        await database.ExecuteAsync("CREATE TABLE tb_polling_alert_rule (LIKE kept INCLUDING ALL)");
        await evaluator.RunAsync(60);
        await database.ExecuteAsync("DROP TABLE tb_polling_alert_rule; ALTER TABLE kept RENAME TO tb_polling_alert_rule");
        await evaluator.RunAsync(60);
        Assert.Equal(1, await database.ScalarAsync<long>(Open));
        Assert.Equal(3, await CountAsync(database, ""));
    }

    [Fact]
    public async Task A_restored_rule_with_mistakes_is_reported_once_and_the_others_are_evaluated()
    {
        await using var database = await server.MigratedAsync();
        await AddRuleAsync(database, "for_seconds = 0");
        await database.ExecuteAsync(
            """
            INSERT INTO tb_polling_alert_rule (id, name, rule_type, comparison, threshold, task_type, notify_channels, webhook_url)
            VALUES (20, '', 'nonsense', '=>', 'NaN', 'sms', '{sms}', 'javascript:x'), (21, 'y', 'queue_backlog', '>', 'Infinity', NULL, '{}', NULL)
            """);
        using var evaluator = new Evaluator(database, "a");
        await evaluator.RunAsync(60);
        await evaluator.RunAsync(60);

        Assert.Equal(1, await database.ScalarAsync<long>(Open));
        var line = Assert.Single(evaluator.Log.Split('\n'), line => line.Contains("Alert rule 20", StringComparison.Ordinal));
        Assert.Contains("rule_type is 'nonsense'", line, StringComparison.Ordinal);
        Assert.Contains("threshold is 'NaN'", line, StringComparison.Ordinal);
        Assert.Single(evaluator.Log.Split('\n'), line => line.Contains("Alert rule 21", StringComparison.Ordinal));
    }

    private static Task AddRuleAsync(TestDatabase database, string with) => database.ExecuteAsync(
        $"""
        INSERT INTO tb_polling_alert_rule (id, name, rule_type, task_type, threshold, webhook_url)
        VALUES (9, 'r', 'queue_backlog', 'realname', 50, 'https://receiver.example/');
        UPDATE tb_polling_alert_rule SET {with} WHERE id = 9
        """);

    // So many seconds later; whoever held the lease has died.
    private static Task PassAsync(TestDatabase database, int seconds) => database.ExecuteAsync(
        $"""
        UPDATE tb_polling_alert_state SET since = since - interval '{seconds} s', seen_at = seen_at - interval '{seconds} s',
            fired_at = fired_at - interval '{seconds} s';
        UPDATE tb_singleton_lease SET expires_at = '-infinity'
        """);

    private static Task<long> CountAsync(TestDatabase database, string where) =>
        database.ScalarAsync<long>($"SELECT count(*) FROM tb_polling_alert_history {where}");

    /// <summary>A process that evaluates, with a lease of its own.</summary>
    private sealed class Evaluator : IDisposable
    {
        private readonly ServiceProvider _services;
        private readonly Lines _lines = new();
        private readonly SingletonLease _lease;
        private readonly AlertRound _round;

        public Evaluator(TestDatabase database, string name)
        {
            _services = new ServiceCollection().AddScoped(_ => database.Context()).BuildServiceProvider();
            _lease = new SingletonLease(database.Source, "alerts", name, TimeSpan.FromMinutes(5));
            _round = new AlertRound(new AlertStore(database.Source), _services.GetRequiredService<IServiceScopeFactory>(), _lines);
        }

        public string Log => _lines.Text;

        /// <returns>False: another one holds the lease.</returns>
        public async Task<bool> RunAsync(double value, Func<Task>? beforeWriting = null)
        {
            var cancel = TestContext.Current.CancellationToken;
            if (await _lease.AcquireAsync(cancel) is not { } term)
            {
                return false;
            }

            await _round.RunAsync(
                _ => true,
                async (rules, _) =>
                {
                    await (beforeWriting?.Invoke() ?? Task.CompletedTask);
                    return rules.ToDictionary(rule => rule.Id, IReadOnlyList<AlertReading> (_) => [new AlertReading("realname", value)]);
                },
                transaction => _lease.FenceAsync(term, transaction, cancel),
                cancel);
            return true;
        }

        public void Dispose() => _services.Dispose();
    }

    private sealed class Lines : ILogger<AlertRound>
    {
        private readonly List<string> _lines = [];

        public string Text => string.Join('\n', _lines);

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _lines.Add(formatter(state, exception));
    }
}
