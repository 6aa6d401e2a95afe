namespace Polling.AdminApi.Tests;

/// <summary>Backup and restore, and what a restored table may hold.</summary>
[Collection(nameof(RestoredSystem))]
public sealed class RestoreTests(RestoredSystem restored)
{
    private static readonly TimeSpan TakenUp = TimeSpan.FromSeconds(10);
    private const string Configs = "/api/admin/polling-configs";

    // One after the other: the second leaves the tables of the system that they share other than they were backed up.
    [Fact]
    public async Task Backed_up_tables_are_adopted_as_they_were_and_nonsense_in_them_is_reported_and_changes_nothing()
    {
        await Four_tables_in_an_empty_database_are_adopted_as_they_were_backed_up_and_their_ids_go_on();
        await A_restored_table_that_holds_nonsense_is_reported_row_by_row_and_what_was_in_force_stays();
    }

    private async Task Four_tables_in_an_empty_database_are_adopted_as_they_were_backed_up_and_their_ids_go_on()
    {
        var api = restored.System.Api;
        foreach (var table in RestoredSystem.Tables)
        {
            Assert.Equal(restored.BackedUp[table], await restored.RowsAsync(table));
        }

        var page = (await api.GetAsync(Configs + "?page_size=1000")).Body;
        Assert.Equal(restored.BackedUp["tb_polling_config"].Length - 1, page.Number("total"));
        Assert.Contains("备份", page.GetProperty("items").EnumerateArray().Select(item => item.Text("name")));
        Assert.All(page.GetProperty("items").EnumerateArray(), item => Assert.Equal(0, item.GetProperty("problems").GetArrayLength()));
        await PollingSystem.UntilAsync(TakenUp, async () => (int?)await restored.System.Redis.StringGetAsync("polling:concurrency:config:package") == 77);

        foreach (var (path, body) in new[]
        {
            (Configs, """{"name": "n", "task_type": "package", "card_status": 0, "interval_seconds": 86400, "priority": 1000}"""),
            ("/api/admin/polling-alert-rules", """{"name": "n", "rule_type": "queue_backlog", "threshold": 1, "is_enabled": false, "notify_channels": []}"""),
        })
        {
            var ids = (await api.GetAsync(path + "?page_size=100")).Body.GetProperty("items").EnumerateArray().Select(item => item.Number("id")).ToArray();
            var (status, made) = await api.SendAsync(HttpMethod.Post, path, body);
            Assert.True(status == 201, made.ToString());
            Assert.True(made.Number("id") > ids.Max());
            Assert.Equal(204, (await api.SendAsync(HttpMethod.Delete, $"{path}/{made.Number("id")}")).Status);
        }
    }

    private async Task A_restored_table_that_holds_nonsense_is_reported_row_by_row_and_what_was_in_force_stays()
    {
        var (api, redis) = (restored.System.Api, restored.System.Redis);
        var entry = await redis.HashGetAsync("polling:accounts:carddata", 1);
        var carddata = (int)(await restored.SqlAsync("SELECT id FROM tb_polling_config WHERE task_type = 'carddata'"))!;

        // As another program's dump may have it: no constraints, and rows that break every rule; one is right, and counts.
        await restored.SqlAsync(
            $$"""
            BEGIN;
            CREATE TABLE held AS TABLE tb_polling_config; CREATE TABLE held_limits AS TABLE tb_polling_concurrency_config;
            DROP TABLE tb_polling_config; DROP TABLE tb_polling_concurrency_config;
            ALTER TABLE held RENAME TO tb_polling_config; ALTER TABLE held_limits RENAME TO tb_polling_concurrency_config;
            UPDATE tb_polling_config SET interval_seconds = -5 WHERE id = {{carddata}};
            UPDATE tb_polling_config SET interval_seconds = 4321 WHERE task_type = 'package' AND card_status = 1;
            INSERT INTO tb_polling_config (id, name, task_type, interval_seconds, priority, status, created_at, updated_at)
            VALUES (901, 'sms', 'sms', 60, -7, 1, now(), now()), (902, 'long', 'realname', 2592001, 1, 5, now(), now());
            UPDATE tb_polling_concurrency_config SET max_concurrency = 0 WHERE task_type = 'realname';
            INSERT INTO tb_polling_concurrency_config (id, task_type, max_concurrency, created_at, updated_at)
            VALUES (901, 'package', 55, now(), now()), (902, 'sms', 5, now(), now());
            COMMIT;
            """);
        try
        {
            await PollingSystem.UntilAsync(TakenUp, async () => ((string)(await redis.HashGetAsync("polling:accounts:package", 1))!).Contains(",4321000,", StringComparison.Ordinal));
            Assert.Equal(entry, await redis.HashGetAsync("polling:accounts:carddata", 1));
            Assert.DoesNotContain(",902;", (string)(await redis.HashGetAsync("polling:accounts:realname", 1))!, StringComparison.Ordinal);
            Assert.Equal((100, 77), ((int)await redis.StringGetAsync("polling:concurrency:config:realname"), (int)await redis.StringGetAsync("polling:concurrency:config:package")));
            var log = await restored.System.WorkerLogAsync();
            Assert.Contains($"tb_polling_config, row {carddata}: interval_seconds is -5, it must be an integer from 1 to 2592000", log, StringComparison.Ordinal);
            Assert.Contains("row 901: task_type is none, it must be one of realname, carddata, package, priority is -7", log, StringComparison.Ordinal);
            Assert.Contains("max_concurrency of row", log, StringComparison.Ordinal);

            var problems = (await api.GetAsync(Configs + "?page_size=1000")).Body.GetProperty("items").EnumerateArray()
                .ToDictionary(item => item.Number("id"), item => item.GetProperty("problems").GetArrayLength());
            Assert.Equal((1, 2, 2), (problems[carddata], problems[901], problems[902]));
            Assert.Equal(3, problems.Values.Count(count => count > 0));
            var limits = (await api.GetAsync("/api/admin/polling-concurrency")).Body;
            Assert.Equal([1, 0, 1], limits.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("problems").GetArrayLength()));
            Assert.Equal(1, limits.GetProperty("problems").GetArrayLength());

            // They are mended through the API.
            Assert.Equal(400, (await api.SendAsync(HttpMethod.Put, $"{Configs}/{carddata}", """{"name": "x"}""")).Status);
            Assert.Equal(200, (await api.SendAsync(HttpMethod.Put, $"{Configs}/{carddata}", """{"interval_seconds": 1900}""")).Status);
            Assert.Equal(204, (await api.SendAsync(HttpMethod.Delete, $"{Configs}/901")).Status);
            Assert.Equal(204, (await api.SendAsync(HttpMethod.Delete, $"{Configs}/902")).Status);
            Assert.Equal(200, (await api.SendAsync(HttpMethod.Put, "/api/admin/polling-concurrency/package", """{"max_concurrency": 66}""")).Status);
            Assert.Equal(200, (await api.SendAsync(HttpMethod.Put, "/api/admin/polling-concurrency/realname", """{"max_concurrency": 67}""")).Status);
            await PollingSystem.UntilAsync(TakenUp, async () => ((string)(await redis.HashGetAsync("polling:accounts:carddata", 1))!).Contains(",1900000,", StringComparison.Ordinal));
            Assert.Equal([0, 0, 0], (await api.GetAsync("/api/admin/polling-concurrency")).Body.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("problems").GetArrayLength()));
        }
        finally
        {
            await restored.SqlAsync("ALTER TABLE tb_polling_config ALTER COLUMN id SET NOT NULL, ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (START WITH 1000)");
        }
    }
}

[CollectionDefinition(nameof(RestoredSystem))]
public sealed class RestoredSystemCollection : ICollectionFixture<RestoredSystem>;
