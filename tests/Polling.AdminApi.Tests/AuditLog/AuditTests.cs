using System.Text.Json;
using Polling.AdminApi.Tests.Access;

namespace Polling.AdminApi.Tests.AuditLog;

/// <summary>Every change is written down: who, what, before, after.</summary>
[Collection(nameof(AccessSystem))]
public sealed class AuditTests(AccessSystem system)
{
    private const string Log = "/api/admin/audit-log";
    private const string Secret = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3";
    private const string OtherSecret = "whsec_OTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMy";

    /// <summary>A change, and what the log has to say of it.</summary>
    /// <param name="Operation">Method and path as in the OpenAPI document.</param>
    /// <param name="Id">What stands in the path: the operation that made it, or itself.</param>
    /// <param name="Json">What is sent.</param>
    /// <param name="What">Action and subject.</param>
    /// <param name="Before">Fields, at least; null = none.</param>
    /// <param name="After">The same.</param>
    private sealed record Change(string Operation, string? Id, string? Json, string What, string? Before, string? After);

    private const string Api = "/api/admin";

    // In an order in which each can be done.
    private static readonly Change[] Changes =
    [
        new($"POST {Api}/api-keys", null, """{"name": "temporary", "scope": "read"}""", "create api_key", null, """{"name": "temporary", "scope": "read", "created_by": "auditor"}"""),
        new($"DELETE {Api}/api-keys/{{id}}", $"{Api}/api-keys", null, "update api_key", """{"revoked_at": null}""", "{}"),
        new($"POST {Api}/carriers", null, """{"code": "AUDITED", "name": "审计"}""", "create carrier", null, """{"code": "AUDITED", "name": "审计"}"""),
        new(
            $"POST {Api}/carrier-accounts", null,
            """{"carrier_id": 1, "code": "audited", "name": "a", "calls_per_second": 5, "max_in_flight": 2, "cards_per_call": 10}""",
            "create carrier_account", null, """{"code": "audited", "calls_per_second": 5}"""),
        new($"PUT {Api}/carrier-accounts/{{id}}", $"{Api}/carrier-accounts", """{"calls_per_second": 6}""", "update carrier_account", """{"calls_per_second": 5}""", """{"calls_per_second": 6}"""),
        new($"POST {Api}/carrier-accounts/{{id}}/pause", $"{Api}/carrier-accounts", null, "update carrier_account", """{"status": 1}""", """{"status": 0}"""),
        new($"POST {Api}/carrier-accounts/{{id}}/resume", $"{Api}/carrier-accounts", null, "update carrier_account", """{"status": 0}""", """{"status": 1}"""),
        new($"DELETE {Api}/carrier-accounts/{{id}}", $"{Api}/carrier-accounts", null, "delete carrier_account", """{"code": "audited", "calls_per_second": 6}""", null),
        new(
            $"POST {Api}/polling-alert-rules", null,
            $$"""
            {"name": "audited", "rule_type": "quarantine", "threshold": 10, "is_enabled": false, "notify_channels": ["webhook"],
             "webhook_url": "https://your-webhook-url/send?key=693a91f6-secret", "webhook_secret": "{{Secret}}"}
            """,
            "create polling_alert_rule", null, """{"threshold": 10, "webhook_url": "https://your-webhook-url/send?key=***", "webhook_secret": "***"}"""),
        new(
            $"PUT {Api}/polling-alert-rules/{{id}}", $"{Api}/polling-alert-rules", $$"""{"threshold": 11, "webhook_secret": "{{OtherSecret}}"}""",
            "update polling_alert_rule", """{"threshold": 10, "webhook_secret": "***"}""", """{"threshold": 11, "webhook_secret": "***"}"""),
        new($"POST {Api}/polling-alert-rules/{{id}}/test", $"{Api}/polling-alert-rules", null, "test polling_alert_rule", null, null),
        new($"DELETE {Api}/polling-alert-rules/{{id}}", $"{Api}/polling-alert-rules", null, "delete polling_alert_rule", """{"name": "audited", "webhook_secret": "***"}""", null),
        new($"POST {Api}/cards/import", null, "iccid,carrier,account\nnonsense,CMCC,CMCC-demo\n", "import card", null, """{"content_type": "text/csv; charset=utf-8"}"""),
        new(
            $"POST {Api}/data-cleanup-configs", null, """{"name": "audited", "dataset": "cleanup_log", "retention_days": 3000, "schedule": null}""",
            "create data_cleanup_config", null, """{"dataset": "cleanup_log", "retention_days": 3000}"""),
        new(
            $"PUT {Api}/data-cleanup-configs/{{id}}", $"{Api}/data-cleanup-configs", """{"retention_days": 2999}""",
            "update data_cleanup_config", """{"retention_days": 3000}""", """{"retention_days": 2999}"""),
        new($"POST {Api}/data-cleanup/trigger", null, """{"config_ids": [CONFIG]}""", "trigger data_cleanup_run", null, """{"config_ids": [CONFIG]}"""),
        new($"POST {Api}/data-cleanup/cancel", null, null, "update data_cleanup_run", """{"cancel_requested_at": null}""", "{}"),
        new($"DELETE {Api}/data-cleanup-configs/{{id}}", $"{Api}/data-cleanup-configs", null, "delete data_cleanup_config", """{"retention_days": 2999}""", null),
        new(
            $"PUT {Api}/polling-concurrency/{{task_type}}", "package", """{"max_concurrency": 99}""", "update polling_concurrency_config",
            """{"max_concurrency": 100}""", """{"max_concurrency": 99}"""),
        new(
            $"PUT {Api}/polling-concurrency/{{task_type}}", "package", """{"max_concurrency": 100}""", "update polling_concurrency_config",
            """{"max_concurrency": 99}""", """{"max_concurrency": 100}"""),
        new($"POST {Api}/polling-concurrency/reset", null, """{"task_type": "package"}""", "reset polling_concurrency", null, null),
        new(
            $"POST {Api}/polling-configs", null, """{"name": "audited", "task_type": "package", "account_id": 3, "card_status": 2, "interval_seconds": 7777}""",
            "create polling_config", null, """{"name": "audited", "account_id": 3, "carrier_id": null, "interval_seconds": 7777}"""),
        new(
            $"PUT {Api}/polling-configs/{{id}}", $"{Api}/polling-configs", """{"status": 0, "account_id": null}""", "update polling_config",
            """{"status": 1, "account_id": 3}""", """{"status": 0, "account_id": null}"""),
        new($"DELETE {Api}/polling-configs/{{id}}", $"{Api}/polling-configs", null, "delete polling_config", """{"name": "audited", "status": 0}""", null),
        new(
            $"POST {Api}/polling-manual-trigger/by-condition", null, """{"task_type": "package", "iccid": "8986999999"}""", "trigger polling_manual_trigger",
            null, """{"task_type": "package"}"""),
        new(
            $"POST {Api}/polling-manual-trigger/batch", null, """{"card_ids": [24, 4711], "task_type": "package"}""", "trigger polling_manual_trigger",
            null, """{"task_type": "package", "cards": 2, "first_card_ids": [24, 4711]}"""),
        new($"POST {Api}/polling-manual-trigger/single", null, """{"card_id": 25, "task_type": "package"}""", "trigger polling_manual_trigger", null, """{"cards": 1}"""),
        new($"POST {Api}/polling-manual-trigger/cancel", null, """{"trigger_id": "TRIGGER"}""", "cancel polling_manual_trigger", null, null),
        new($"POST {Api}/polling-quarantine/{{task_type}}/release", "package", """{"card_ids": [23]}""", "release polling_quarantine", null, """{"card_ids": [23]}"""),
        new($"POST {Api}/packages", null, """{"code": "AUD", "name": "a", "allowance_bytes": 1000}""", "create package", null, """{"code": "AUD", "allowance_bytes": 1000}"""),
        new($"PUT {Api}/packages/{{id}}", $"{Api}/packages", """{"allowance_bytes": 2000}""", "update package", """{"allowance_bytes": 1000}""", """{"allowance_bytes": 2000}"""),
        new($"DELETE {Api}/packages/{{id}}", $"{Api}/packages", null, "delete package", """{"allowance_bytes": 2000}""", null),
        new($"POST {Api}/usage-pools", null, """{"code": "AUDITED", "name": "p", "account_id": 3}""", "create usage_pool", null, """{"code": "AUDITED", "account_id": 3}"""),
        new($"PUT {Api}/usage-pools/{{id}}", $"{Api}/usage-pools", """{"allowance_bytes": 7}""", "update usage_pool", """{"allowance_bytes": 0}""", """{"allowance_bytes": 7}"""),
        new(
            $"POST {Api}/usage-pools/{{id}}/addons", $"{Api}/usage-pools", """{"allowance_bytes": 5, "reference": "audited-1"}""",
            "create package_addon", null, """{"allowance_bytes": 5, "reference": "audited-1", "card_id": null}"""),
        new($"DELETE {Api}/usage-pools/{{id}}", $"{Api}/usage-pools", null, "delete usage_pool", """{"allowance_bytes": 7}""", null),
        new(
            $"POST {Api}/cards/{{id}}/addons", "22", """{"allowance_bytes": 6, "reference": "audited-2"}""",
            "create package_addon", null, """{"allowance_bytes": 6, "card_id": 22}"""),
        new($"POST {Api}/cards/{{id}}/suspend", "22", """{"reason": "lost"}""", "suspend card", null, """{"reason": "lost"}"""),
        new($"POST {Api}/cards/{{id}}/resume", "20", """{"reason": "found"}""", "resume card", null, """{"reason": "found"}"""),
        new(
            $"PUT {Api}/cards/{{id}}/suspension-exemption", "22", """{"reason": "lift"}""", "create suspension_exemption", null,
            """{"reason": "lift", "until": null}"""),
        new($"DELETE {Api}/cards/{{id}}/suspension-exemption", "22", null, "delete suspension_exemption", """{"reason": "lift"}""", null),
        new($"POST {Api}/suspension-breakers/{{account_id}}/release", "3", """{"discard": true}""", "release suspension_breaker", null, """{"discard": true}"""),
    ];

    [Fact]
    public async Task Every_operation_that_changes_something_leaves_an_entry_with_its_caller()
    {
        // An operation that is new in the document has to be added above.
        var operations = (await system.OperationsAsync()).Where(operation => operation.Method != "GET").Select(operation => $"{operation.Method} {operation.Path}");
        Assert.Equal(operations.Order(StringComparer.Ordinal), Changes.Select(change => change.Operation).Distinct().Order(StringComparer.Ordinal));

        var auditor = await system.MakeKeyAsync("auditor", "admin");
        var made = new Dictionary<string, string>();
        var last = 0L;
        await system.AskAsync<int>(
            """
            UPDATE tb_card SET status = 2 WHERE id = 20;
            UPDATE tb_polling_concurrency_config SET max_concurrency = 100 WHERE task_type = 'package';
            INSERT INTO tb_suspension_breaker (account_id, is_tripped, tripped_at, reason) VALUES (3, true, now(), 'test');
            SELECT 1
            """);
        foreach (var change in Changes)
        {
            var answered = await DoAsync(auditor, change, made);
            Assert.True(answered.Status is >= 200 and < 300, $"{change.Operation}: {answered.Text}");
            Remember(change, answered, made);

            var entry = (await system.GetAsync(system.Read, $"{Log}?caller=auditor&page_size=1")).Body.GetProperty("items")[0];
            Assert.True(entry.GetProperty("id").GetInt64() > last, $"{change.Operation} left no entry");
            last = entry.GetProperty("id").GetInt64();
            var context = $"{change.Operation}: {entry}";
            Assert.True((entry.Text("caller"), $"{entry.Text("action")} {entry.Text("subject")}", entry.Text("outcome")) == ("auditor", change.What, "done"), context);
            Assert.True(entry.Text("remote_address") == "127.0.0.1" && entry.Text("trace_id")?.Length == 32, context);
            Assert.True(DateTimeOffset.UtcNow - entry.GetProperty("at").GetDateTimeOffset() < TimeSpan.FromMinutes(1), context);
            Assert.True(Holds(entry.GetProperty("before"), Filled(change.Before, made)), context);
            Assert.True(Holds(entry.GetProperty("after"), Filled(change.After, made)), context);
            if (change.Id is { } id && !entry.Text("subject")!.EndsWith("_addon", StringComparison.Ordinal))
            {
                Assert.True(entry.Text("subject_id") == made.GetValueOrDefault(id, id), context);
            }
        }

        await system.AskAsync<int>("UPDATE tb_card SET status = 1 WHERE id = 20; SELECT 1");

        // What was asked for and what it came to; and no secret.
        var import = (await system.GetAsync(system.Read, $"{Log}?caller=auditor&action=import")).Body.GetProperty("items")[0].GetProperty("result");
        Assert.Equal((1, 1), (import.Number("rows"), import.Number("refused")));
        var all = await system.AskAsync<string>("SELECT string_agg(e::text, E'\n') FROM tb_audit_log e");
        Assert.All([Secret[6..], OtherSecret[6..], "693a91f6"], secret => Assert.DoesNotContain(secret, all, StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_not_saved_leaves_no_entry_and_without_an_entry_nothing_is_saved()
    {
        const string Twice = """{"code": "TWICE", "name": "x"}""";
        Assert.Equal(201, (await system.SendAsync(system.Admin, HttpMethod.Post, $"{Api}/carriers", Twice)).Status);
        Assert.Equal(409, (await system.SendAsync(system.Admin, HttpMethod.Post, $"{Api}/carriers", Twice)).Status);
        Assert.Equal(1, await system.AskAsync<long>("SELECT count(*) FROM tb_audit_log WHERE after->>'code' = 'TWICE'"));

        await system.AskAsync<int>(
            """
            CREATE FUNCTION refuse_entry() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no entry'; END $$;
            CREATE TRIGGER refuse_entry BEFORE INSERT ON tb_audit_log FOR EACH ROW WHEN (NEW.after->>'code' = 'UNAUDITED') EXECUTE FUNCTION refuse_entry();
            SELECT 1
            """);
        Assert.Equal(500, (await system.SendAsync(system.Admin, HttpMethod.Post, $"{Api}/carriers", """{"code": "UNAUDITED", "name": "x"}""")).Status);
        Assert.Equal(0, await system.AskAsync<long>("SELECT count(*) FROM tb_carrier WHERE code = 'UNAUDITED'"));
        await system.AskAsync<int>("DROP TRIGGER refuse_entry ON tb_audit_log; SELECT 1");
        Assert.Equal(201, (await system.SendAsync(system.Admin, HttpMethod.Post, $"{Api}/carriers", """{"code": "UNAUDITED", "name": "x"}""")).Status);
    }

    [Fact]
    public async Task An_operation_that_breaks_is_failed_and_says_why()
    {
        Assert.Equal(400, (await system.SendAsync(system.Operate, HttpMethod.Post, $"{Api}/cards/import", "colour\nred\n", "text/csv")).Status);
        var entry = (await system.GetAsync(system.Read, $"{Log}?caller=operator&action=import&page_size=1")).Body.GetProperty("items")[0];
        Assert.Equal("failed", entry.Text("outcome"));
        Assert.Contains("iccid", entry.GetProperty("result").Text("error"), StringComparison.Ordinal);

        // Who is not let in, or asks for nonsense, changes nothing, and leaves none.
        var before = await system.AskAsync<long>("SELECT count(*) FROM tb_audit_log WHERE caller IN ('reader', 'operator')");
        Assert.Equal(403, (await system.SendAsync(system.Read, HttpMethod.Post, $"{Api}/data-cleanup/trigger")).Status);
        Assert.Equal(400, (await system.SendAsync(system.Operate, HttpMethod.Put, $"{Api}/polling-configs/1", """{"status": 7}""")).Status);
        Assert.Equal(before, await system.AskAsync<long>("SELECT count(*) FROM tb_audit_log WHERE caller IN ('reader', 'operator')"));
    }

    [Fact]
    public async Task The_log_is_read_page_by_page_and_filtered()
    {
        await system.MakeKeyAsync("paged", "read");
        var all = (await system.GetAsync(system.Read, $"{Log}?page_size=1000")).Body.GetProperty("items").EnumerateArray().Select(Id).ToArray();
        Assert.Equal(all.OrderDescending().ToArray(), all);
        var first = (await system.GetAsync(system.Read, $"{Log}?page_size=2&before_id={all[0] + 1}")).Body;
        var second = (await system.GetAsync(system.Read, $"{Log}?page_size=2&before_id={first.GetProperty("next_before_id").GetInt64()}")).Body;
        Assert.Equal(all.Take(4), first.GetProperty("items").EnumerateArray().Concat(second.GetProperty("items").EnumerateArray()).Select(Id));

        var made = (await system.GetAsync(system.Read, $"{Log}?caller=first&action=create&subject=api_key")).Body.GetProperty("items").EnumerateArray()
            .Single(item => item.GetProperty("after").Text("name") == "paged");
        var at = Uri.EscapeDataString(made.GetProperty("at").GetDateTimeOffset().ToString("O"));
        Assert.Equal([Id(made)], (await system.GetAsync(system.Read, $"{Log}?subject=api_key&subject_id={made.Text("subject_id")}&from={at}")).Body.GetProperty("items").EnumerateArray().Select(Id));
        Assert.Equal(0, (await system.GetAsync(system.Read, $"{Log}?subject=api_key&subject_id={made.Text("subject_id")}&to={at}")).Body.GetProperty("items").GetArrayLength());
        foreach (var (query, field) in new[] { ("page_size=0", "page_size"), ("from=yesterday", "from"), ("subject_id=1", "subject"), ("before_id=x", "before_id"), ("caller=%00", "caller") })
        {
            var refused = await system.GetAsync(system.Read, $"{Log}?{query}");
            Assert.Equal((400, field), (refused.Status, refused.Body.Mistake().Field));
        }
    }

    private async Task<Answered> DoAsync(string key, Change change, Dictionary<string, string> made)
    {
        var (method, path) = (new HttpMethod(change.Operation.Split(' ')[0]), change.Operation.Split(' ')[1]);
        path = change.Id is { } id ? path.Replace("{id}", made.GetValueOrDefault(id, id), StringComparison.Ordinal).Replace("{task_type}", id, StringComparison.Ordinal)
            .Replace("{account_id}", id, StringComparison.Ordinal) : path;
        while (true)
        {
            var isKey = path.EndsWith("/api-keys", StringComparison.Ordinal);
            var answered = await system.SendAsync(key, method, path, Filled(change.Json, made), path.EndsWith("import", StringComparison.Ordinal) ? "text/csv" : "application/json", isKey);
            if (answered.Status != 409 || !path.Contains("data-cleanup/", StringComparison.Ordinal))
            {
                return answered;
            }

            // The scheduler was faster than the cancellation, or is not at its end.
            await system.SendAsync(key, HttpMethod.Post, $"{Api}/data-cleanup/trigger", Filled("""{"config_ids": [CONFIG]}""", made));
        }
    }

    private static void Remember(Change change, Answered answered, Dictionary<string, string> made)
    {
        if (answered.Status != 204 && change.Operation.StartsWith("POST", StringComparison.Ordinal))
        {
            var body = answered.Body.TryGetProperty("key", out var key) ? key : answered.Body;
            foreach (var name in new[] { "id", "trigger_id" })
            {
                if (body.TryGetProperty(name, out var id))
                {
                    made.TryAdd(change.Operation.Split(' ')[1], id.ToString());
                }
            }
        }
    }

    private static string? Filled(string? json, Dictionary<string, string> made) => json?
        .Replace("CONFIG", made.GetValueOrDefault($"{Api}/data-cleanup-configs"), StringComparison.Ordinal)
        .Replace("TRIGGER", made.GetValueOrDefault($"{Api}/polling-manual-trigger/single"), StringComparison.Ordinal);

    private static bool Holds(JsonElement fields, string? expected) => expected is null
        ? fields.ValueKind == JsonValueKind.Null
        : fields.ValueKind == JsonValueKind.Object
            && JsonElement.Parse(expected).EnumerateObject().All(field => fields.TryGetProperty(field.Name, out var value) && JsonElement.DeepEquals(value, field.Value));

    private static long Id(JsonElement entry) => entry.GetProperty("id").GetInt64();
}
