using System.Text.Json;
using Polling.TestServers;

namespace Polling.AdminApi.Tests;

/// <summary>Alert rules, from the request to the notice. One system has a scheduler and may send to loopback, the other (ApiProcess) has neither.</summary>
public sealed class AlertTests(PollingSystem system, ApiProcess alone)
{
    private const string Rules = "/api/admin/polling-alert-rules";
    private const string History = "/api/admin/polling-alert-history";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task The_contracts_rules_are_there_and_switched_off()
    {
        var (_, page) = await alone.GetAsync($"{Rules}?is_enabled=false");
        var seeded = page.GetProperty("items").EnumerateArray().Where(rule => rule.Number("id") <= 3).ToArray();
        Assert.Equal(
            [("队列积压告警", "queue_backlog", 50000, ">"), ("成功率告警", "success_rate", 90, "<"), ("耗时告警", "avg_duration", 2000, ">")],
            seeded.Select(rule => (rule.Text("name"), rule.Text("rule_type"), rule.Number("threshold"), rule.Text("comparison"))));
        Assert.All(seeded, rule => Assert.False(rule.GetProperty("is_enabled").GetBoolean()));
    }

    [Fact]
    public async Task The_contracts_rule_is_taken_as_it_is_written()
    {
        var (status, rule) = await alone.SendAsync(
            HttpMethod.Post, Rules,
            """
            {"name": "队列积压告警", "rule_type": "queue_backlog", "task_type": "realname", "threshold": 50000,
             "comparison": ">", "is_enabled": true, "notify_channels": ["webhook"], "webhook_url": "https://your-webhook-url"}
            """);
        Assert.Equal((201, "queue_backlog", "realname", ">"), (status, rule.Text("rule_type"), rule.Text("task_type"), rule.Text("comparison")));
        var (_, history) = await alone.GetAsync($"{History}?rule_id={rule.Number("id")}");
        Assert.Equal(0, history.Number("total"));
        Assert.Equal(20, (await alone.GetAsync($"{History}?page=1&page_size=20")).Body.Number("page_size"));

        var one = $"{Rules}/{rule.Number("id")}";
        var (_, changed) = await alone.SendAsync(HttpMethod.Put, one, """{"threshold": 60000.5, "webhook_secret": "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"}""");
        Assert.Equal((60000.5, "队列积压告警", true), (changed.GetProperty("threshold").GetDouble(), changed.Text("name"), changed.GetProperty("has_secret").GetBoolean()));
        Assert.DoesNotContain("whsec_", changed.ToString(), StringComparison.Ordinal);
        Assert.Equal(204, (await alone.SendAsync(HttpMethod.Delete, one)).Status);
        Assert.Equal(404, (await alone.GetAsync(one)).Status);
    }

    [Theory]
    [InlineData("""{"rule_type": "queue_backlog", "threshold": 1}""", "name")]
    [InlineData("""{"name": "x", "rule_type": "queue_length", "threshold": 1}""", "rule_type")]
    [InlineData("""{"name": "x", "rule_type": "queue_backlog", "threshold": "1"}""", "threshold")]
    [InlineData("""{"name": "x", "rule_type": "queue_backlog", "threshold": 1, "comparison": "=>"}""", "comparison")]
    [InlineData("""{"name": "x", "rule_type": "queue_backlog", "threshold": 1, "webhook_url": "ftp://example.com"}""", "webhook_url")]
    [InlineData("""{"name": "x", "rule_type": "queue_backlog", "threshold": 1, "webhook_url": "http://127.0.0.1:9/x"}""", "webhook_url")]
    [InlineData("""{"name": "x", "rule_type": "queue_backlog", "threshold": 1, "webhook_url": "http://[::ffff:10.0.0.1]/x"}""", "webhook_url")]
    [InlineData("""{"name": "x", "rule_type": "queue_backlog", "threshold": 1, "notify_channels": ["sms"]}""", "notify_channels")]
    [InlineData("""{"name": "x", "rule_type": "queue_backlog", "threshold": 1, "window_seconds": 7}""", "window_seconds")]
    public async Task What_is_wrong_is_named(string json, string field)
    {
        var (status, problem) = await alone.SendAsync(HttpMethod.Post, Rules, json);
        Assert.Equal((400, field), (status, problem.GetProperty("errors")[0].Text("field")));
    }

    [Fact]
    public async Task A_key_in_the_URL_is_never_shown_and_an_answer_may_be_sent_back()
    {
        await using var receiver = new WebhookReceiver { Answer = _ => (200, """{"errcode": 0, "errmsg": "ok"}""", null) };
        var (_, rule) = await system.Api.SendAsync(
            HttpMethod.Post, Rules,
            $$"""
            {"name": "robot", "rule_type": "quarantine", "threshold": 10, "is_enabled": false, "webhook_format": "wecom",
             "webhook_url": "{{receiver.Url}}/send?key=693a91f6"}
            """);
        var masked = $"{receiver.Url}/send?key=***";
        Assert.Equal(masked, rule.Text("webhook_url"));
        var one = $"{Rules}/{rule.Number("id")}";
        Assert.Equal(200, (await system.Api.SendAsync(HttpMethod.Put, one, rule.ToString())).Status);
        await using var source = Npgsql.NpgsqlDataSource.Create(system.Api.Postgres);
        await using var command = source.CreateCommand($"SELECT webhook_url FROM tb_polling_alert_rule WHERE id = {rule.Number("id")}");
        Assert.Equal($"{receiver.Url}/send?key=693a91f6", await command.ExecuteScalarAsync(TestContext.Current.CancellationToken));

        var (accepted, test) = await system.Api.SendAsync(HttpMethod.Post, $"{one}/test");
        Assert.Equal(202, accepted);
        JsonElement entry = default;
        await PollingSystem.UntilAsync(Patience, async () =>
            (entry = (await system.Api.GetAsync($"{History}/{test.Number("history_id")}")).Body).GetProperty("deliveries")[0].Text("state") == "delivered");
        var delivery = Assert.Single(entry.GetProperty("deliveries").EnumerateArray());
        Assert.Equal(("test", "alert.test", masked), (entry.Text("kind"), delivery.Text("event"), delivery.Text("url")));
        var request = Assert.Single(receiver.Received);
        Assert.Equal("/send?key=693a91f6", request.Path);
        Assert.Contains("测试通知", request.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("693a91f6", await system.Api.LogAsync("api.log"), StringComparison.Ordinal);
        Assert.Equal(409, (await system.Api.SendAsync(HttpMethod.Post, $"{Rules}/1/test")).Status);
        Assert.Equal(404, (await system.Api.GetAsync($"{History}/999999999")).Status);
        Assert.Equal(204, (await system.Api.SendAsync(HttpMethod.Delete, one)).Status);
    }

    [Fact]
    public async Task A_backlog_fires_once_is_told_and_resolved()
    {
        await using var receiver = new WebhookReceiver { Answer = n => n == 0 ? (503, "", null) : (204, "", null) };
        var (status, rule) = await system.Api.SendAsync(
            HttpMethod.Post, Rules,
            $$"""
            {"name": "anything due", "rule_type": "queue_backlog", "task_type": "realname", "threshold": 0, "comparison": ">", "is_enabled": true,
             "webhook_url": "{{receiver.Url}}/hook?key=abc", "webhook_secret": "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"}
            """);
        Assert.Equal(201, status);
        var id = rule.Number("id");

        // The first attempt is refused; it comes again under the same id.
        await PollingSystem.UntilAsync(TimeSpan.FromSeconds(120), async () => await EntryAsync(id) is { } entry
            && entry.GetProperty("deliveries").EnumerateArray().Any(delivery => delivery.Text("state") == "delivered"));
        var fired = (await EntryAsync(id))!.Value;
        Assert.Equal(("firing", "realname"), (fired.Text("state"), fired.Text("subject")));

        // More than two, when a busy machine lets one run out of time.
        Assert.InRange(fired.GetProperty("deliveries")[0].Number("attempts"), 2, 10);
        Assert.True(fired.GetProperty("value").GetDouble() > 0);
        Assert.DoesNotContain("abc", fired.ToString(), StringComparison.Ordinal);
        Assert.InRange(receiver.Received.Count, 2, 10);
        Assert.Single(receiver.Received.Select(request => request.Headers["webhook-id"]).Distinct());
        Assert.All(receiver.Received, request => Assert.StartsWith("v1,", request.Headers["webhook-signature"], StringComparison.Ordinal));
        Assert.Contains("\"type\":\"alert.triggered\"", receiver.Received[1].Body.Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal);

        // A threshold that nothing exceeds resolves it.
        await system.Api.SendAsync(HttpMethod.Put, $"{Rules}/{id}", """{"threshold": 1000000}""");
        await PollingSystem.UntilAsync(Patience, async () => (await EntryAsync(id))!.Value.Text("state") == "resolved");
        await PollingSystem.UntilAsync(Patience, () => Task.FromResult(
            receiver.Received.Any(request => request.Body.Contains("alert.resolved", StringComparison.Ordinal))));
        var (_, history) = await system.Api.GetAsync($"{History}?rule_id={id}");
        Assert.Equal(1, history.Number("total"));
        await system.Api.SendAsync(HttpMethod.Delete, $"{Rules}/{id}");
    }

    [Fact]
    public async Task A_success_rate_of_nothing_does_not_fire()
    {
        var (_, silent) = await system.Api.SendAsync(
            HttpMethod.Post, Rules, """{"name": "rate", "rule_type": "success_rate", "threshold": 100, "comparison": "<=", "min_samples": 0, "is_enabled": true}""");
        var (_, loud) = await system.Api.SendAsync(
            HttpMethod.Post, Rules, """{"name": "backlog", "rule_type": "queue_backlog", "task_type": "package", "threshold": 0, "comparison": ">=", "is_enabled": true}""");

        // Both are evaluated in the same round, so when the one has fired, the other would have, too.
        await PollingSystem.UntilAsync(Patience, async () => await EntryAsync(loud.Number("id")) is not null);
        Assert.Null(await EntryAsync(silent.Number("id")));
    }

    [Fact]
    public async Task Absent_schedulers_are_found_by_the_api()
    {
        var (_, rule) = await alone.SendAsync(
            HttpMethod.Post, Rules, """{"name": "nobody schedules", "rule_type": "scheduler_absent", "threshold": 1, "is_enabled": true}""");
        await PollingSystem.UntilAsync(Patience, async () =>
            (await alone.GetAsync($"{History}?rule_id={rule.Number("id")}")).Body.Number("total") == 1);
        Assert.Contains("告警触发", await alone.LogAsync("api.log"), StringComparison.Ordinal);
        await alone.SendAsync(HttpMethod.Delete, $"{Rules}/{rule.Number("id")}");
    }

    private async Task<JsonElement?> EntryAsync(int rule)
    {
        var (_, history) = await system.Api.GetAsync($"{History}?rule_id={rule}");
        return history.GetProperty("items").EnumerateArray().Select(entry => (JsonElement?)entry).FirstOrDefault();
    }
}
