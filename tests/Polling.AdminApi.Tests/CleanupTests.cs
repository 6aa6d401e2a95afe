using System.Text.Json;
using Npgsql;

namespace Polling.AdminApi.Tests;

/// <summary>Data clean-up: what goes and what stays, and that it goes on after its scheduler is killed.</summary>
public sealed class CleanupTests(PollingSystem shared)
{
    private const string Configs = "/api/admin/data-cleanup-configs";
    private const string Cleanup = "/api/admin/data-cleanup";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task The_contracts_configurations_are_there_and_changed_in_part()
    {
        var (_, list) = await shared.Api.GetAsync(Configs);
        var first = list.GetProperty("items")[0];
        Assert.Equal((1, "usage_record", 90, 10_000), (first.Number("id"), first.Text("dataset"), first.Number("retention_days"), first.Number("batch_size")));
        Assert.NotNull(first.Text("next_run_at"));

        var (status, changed) = await shared.Api.SendAsync(HttpMethod.Put, $"{Configs}/1", """{"retention_days": 60}""");
        Assert.Equal((200, 60, "usage_record", "0 3 * * *"), (status, changed.Number("retention_days"), changed.Text("dataset"), changed.Text("schedule")));
        Assert.Equal(404, (await shared.Api.GetAsync($"{Configs}/4711")).Status);
        var (made, own) = await shared.Api.SendAsync(
            HttpMethod.Post, Configs, """{"name": "x", "dataset": "cleanup_log", "retention_days": 3000, "schedule": null, "is_enabled": false}""");
        Assert.Equal((201, JsonValueKind.Null), (made, own.GetProperty("schedule").ValueKind));
        Assert.Equal(204, (await shared.Api.SendAsync(HttpMethod.Delete, $"{Configs}/{own.Number("id")}")).Status);
    }

    [Fact]
    public async Task Nobody_can_remove_what_he_has_just_done()
    {
        var (_, list) = await shared.Api.GetAsync(Configs);
        var audit = list.GetProperty("items").EnumerateArray().Single(config => config.Text("dataset") == "audit_log");
        Assert.Equal((365, "40 3 * * *"), (audit.Number("retention_days"), audit.Text("schedule")));
        var (status, problem) = await shared.Api.SendAsync(HttpMethod.Put, $"{Configs}/{audit.Number("id")}", """{"retention_days": 29}""");
        Assert.Equal((400, ("retention_days", "29", "an integer from 30 to 3650 for audit_log")), (status, problem.Mistake()));
        Assert.Equal(
            (400, "retention_days"), (await shared.Api.SendAsync(HttpMethod.Post, Configs, """{"name": "x", "dataset": "audit_log", "retention_days": 1}""")) is var (made, refused)
                ? (made, refused.Mistake().Field) : default);
    }

    [Theory]
    [InlineData("""{"retention_days": 0}""", "retention_days")]
    [InlineData("""{"retention_days": "60"}""", "retention_days")]
    [InlineData("""{"batch_size": 99}""", "batch_size")]
    [InlineData("""{"dataset": "cards"}""", "dataset")]
    [InlineData("""{"schedule": "every day"}""", "schedule")]
    [InlineData("""{"is_enabled": 1}""", "is_enabled")]
    [InlineData("""{"colour": "red"}""", "colour")]
    public async Task What_is_wrong_is_named(string json, string field)
    {
        var (status, problem) = await shared.Api.SendAsync(HttpMethod.Put, $"{Configs}/2", json);
        Assert.Equal((400, field), (status, problem.Mistake().Field));
    }

    [Fact]
    public async Task A_run_goes_on_after_a_kill_and_removes_nothing_that_is_kept()
    {
        await using var system = new PollingSystem();
        await system.InitializeAsync();
        await using var postgres = NpgsqlDataSource.Create(system.Api.Postgres);
        await ExecuteAsync(
            postgres,
            """
            CREATE TABLE tb_usage_record_y2025m01 PARTITION OF tb_usage_record FOR VALUES FROM ('2025-01-01+08') TO ('2025-02-01+08');
            INSERT INTO tb_usage_record (card_id, task_type, scheduled_at, account_id, cycle, used_bytes, checked_at)
            SELECT id, 2, '2025-01-15+08', 1, '2025-01-01', 1, now() FROM generate_series(1, 4000) AS id;
            INSERT INTO tb_usage_record (card_id, task_type, scheduled_at, account_id, cycle, used_bytes, checked_at)
            SELECT id, 2, CASE WHEN id % 3 = 0 THEN now() - interval '89 days' ELSE now() - interval '91 days' END, 1, '2025-06-01', 1, now()
            FROM generate_series(1, 30000) AS id;
            INSERT INTO tb_audit_log (at, caller, action, subject, outcome)
            SELECT now() - make_interval(days => 365 + CASE WHEN id % 3 = 0 THEN -1 ELSE 1 END), 'x', 'update', 'old', 1 FROM generate_series(1, 300) AS id;
            """);
        await system.Api.SendAsync(HttpMethod.Put, $"{Configs}/1", """{"batch_size": 100}""");
        var (_, preview) = await system.Api.GetAsync($"{Cleanup}/preview");
        var usage = preview.GetProperty("items").EnumerateArray().Single(item => item.Number("config_id") == 1);
        Assert.Equal((24_000, 4_000, "tb_usage_record_y2025m01"), (usage.Number("rows"), usage.Number("drop_rows"), usage.GetProperty("drop_partitions")[0].GetString()));
        var audit = preview.GetProperty("items").EnumerateArray().Single(item => item.Text("dataset") == "audit_log");
        Assert.Equal(200, audit.Number("rows"));
        Assert.Equal(409, (await system.Api.SendAsync(HttpMethod.Post, $"{Cleanup}/cancel")).Status);

        var (status, run) = await system.Api.SendAsync(HttpMethod.Post, $"{Cleanup}/trigger");
        Assert.Equal((202, "queued"), (status, run.Text("state")));
        Assert.Equal(409, (await system.Api.SendAsync(HttpMethod.Post, $"{Cleanup}/trigger")).Status);
        await PollingSystem.UntilAsync(Patience, async () => (await ProgressAsync(system)).Number("removed") > 5_000);
        await system.KillSchedulerAsync();
        var killed = await ProgressAsync(system);
        Assert.Equal(("running", 24_000), (killed.Text("state"), killed.Number("total")));
        Assert.InRange(killed.Number("removed"), 5_001, 23_999);
        Assert.Equal(34_000 - killed.Number("removed"), await CountAsync(postgres));

        system.StartScheduler();
        await PollingSystem.UntilAsync(Patience, async () => (await ProgressAsync(system)).Text("state") == "done");
        var done = await ProgressAsync(system);
        Assert.Equal((24_200, 10_000), (done.Number("removed"), await CountAsync(postgres)));
        var (_, kept) = await system.Api.GetAsync("/api/admin/audit-log?subject=old&page_size=1000");
        Assert.Equal(100, kept.GetProperty("items").GetArrayLength());
        Assert.Equal("tb_usage_record_y2025m01", done.GetProperty("steps")[0].GetProperty("dropped_partitions")[0].GetString());
        Assert.Contains("数据清理完成", await system.WorkerLogAsync(), StringComparison.Ordinal);

        // Nothing is left to remove, and what a longer retention keeps is kept.
        Assert.Equal(0, (await system.Api.GetAsync($"{Cleanup}/preview")).Body.Number("total_rows"));
        await system.Api.SendAsync(HttpMethod.Put, $"{Configs}/1", """{"retention_days": 88}""");
        var (_, second) = await system.Api.SendAsync(HttpMethod.Post, $"{Cleanup}/trigger", """{"config_ids": [1]}""");
        await PollingSystem.UntilAsync(Patience, async () => (await ProgressAsync(system)).Number("removed") > 0);
        var (cancelStatus, _) = await system.Api.SendAsync(HttpMethod.Post, $"{Cleanup}/cancel");
        Assert.Equal(200, cancelStatus);
        await PollingSystem.UntilAsync(Patience, async () => (await ProgressAsync(system)).Text("state") == "cancelled");
        var cancelled = await ProgressAsync(system);
        Assert.Equal(second.Number("run_id"), cancelled.Number("run_id"));
        Assert.Equal(10_000 - cancelled.Number("removed"), await CountAsync(postgres));
        Assert.Equal(2, (await system.Api.GetAsync($"{Cleanup}/runs")).Body.Number("total"));
        Assert.Equal(400, (await system.Api.SendAsync(HttpMethod.Post, $"{Cleanup}/trigger", """{"config_ids": [99]}""")).Status);
    }

    private static async Task<JsonElement> ProgressAsync(PollingSystem system) => (await system.Api.GetAsync($"{Cleanup}/progress")).Body;

    private static async Task<int> CountAsync(NpgsqlDataSource postgres)
    {
        await using var command = postgres.CreateCommand("SELECT count(*)::int FROM tb_usage_record");
        return (int)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    private static async Task ExecuteAsync(NpgsqlDataSource postgres, string sql)
    {
        await using var command = postgres.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }
}
