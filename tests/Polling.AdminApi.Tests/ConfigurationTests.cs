namespace Polling.AdminApi.Tests;

public sealed class ConfigurationTests(PollingSystem system)
{
    private const string Path = "/api/admin/polling-configs";
    private static readonly TimeSpan InForce = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task A_configuration_is_made_read_changed_in_part_and_deleted()
    {
        var (status, made) = await SendAsync(
            HttpMethod.Post, Path,
            """{"name": " 测试 ", "task_type": "realname", "account_id": 3, "card_status": 2, "interval_seconds": 7200, "priority": 5}""");
        Assert.Equal((201, "测试", 5, 1), (status, made.Text("name"), made.Number("priority"), made.Number("status")));
        var one = $"{Path}/{made.Number("id")}";
        Assert.Equal(made.ToString(), (await system.Api.GetAsync(one)).Body.ToString());

        var (_, off) = await SendAsync(HttpMethod.Put, one, """{"status": 0}""");
        Assert.Equal((0, 7200, 3), (off.Number("status"), off.Number("interval_seconds"), off.Number("account_id")));
        var (_, any) = await SendAsync(HttpMethod.Put, one, """{"card_status": null, "account_id": null}""");
        Assert.Equal((null, null), (any.Text("card_status"), any.Text("account_id")));
        Assert.Equal(200, (await SendAsync(HttpMethod.Put, one, any.ToString())).Status);

        var (_, page) = await system.Api.GetAsync($"{Path}?task_type=realname&status=0&page=1&page_size=100");
        Assert.Contains(made.Number("id"), page.GetProperty("items").EnumerateArray().Select(item => item.Number("id")));
        Assert.Equal(page.GetProperty("items").GetArrayLength(), page.Number("total"));

        Assert.Equal(204, (await SendAsync(HttpMethod.Delete, one)).Status);
        Assert.Equal(404, (await SendAsync(HttpMethod.Delete, one)).Status);
        Assert.Equal(404, (await system.Api.GetAsync(one)).Status);
        Assert.Equal(404, (await SendAsync(HttpMethod.Put, one, """{"status": 0}""")).Status);
    }

    [Fact]
    public async Task A_change_is_in_force_within_two_seconds()
    {
        var (_, made) = await SendAsync(
            HttpMethod.Post, Path, """{"name": "x", "task_type": "package", "account_id": 3, "card_status": 2, "interval_seconds": 7777}""");
        var one = $"{Path}/{made.Number("id")}";
        await PollingSystem.UntilAsync(InForce, async () => (await EntryAsync()).Contains($"2,*,*,7777000,{made.Number("id")};", StringComparison.Ordinal));
        await SendAsync(HttpMethod.Put, one, """{"interval_seconds": 8888}""");
        await PollingSystem.UntilAsync(InForce, async () => (await EntryAsync()).Contains(",8888000,", StringComparison.Ordinal));
        await SendAsync(HttpMethod.Delete, one);
        await PollingSystem.UntilAsync(InForce, async () => !(await EntryAsync()).Contains(",8888000,", StringComparison.Ordinal));

        async Task<string> EntryAsync() => ((string?)await system.Redis.HashGetAsync("polling:accounts:package", 3))!;
    }

    [Fact]
    public async Task Calls_that_cannot_fit_the_quota_are_refused_with_what_would_fit_unless_forced()
    {
        // 3 demo cards, one a call: 0.3 calls a second of the 0.2 that remain. The other tasks need 2 * 3 / 1800.
        await SendAsync(HttpMethod.Put, "/api/admin/carrier-accounts/1", """{"calls_per_5_minutes": 67}""");
        const string Body = """{"name": "y", "task_type": "realname", "account_id": 1, "interval_seconds": 10, "priority": 1}""";
        var (status, problem) = await SendAsync(HttpMethod.Post, Path, Body);

        Assert.Equal(422, status);
        var (field, value, rule) = problem.Mistake();
        Assert.Equal(("interval_seconds", "10"), (field, value));
        var misfit = Assert.Single(problem.GetProperty("misfits").EnumerateArray());
        var fits = misfit.Number("interval_seconds_min");
        Assert.Equal($"at least {fits} to fit the quota of every account", rule);
        Assert.Equal(("CMCC-demo", 0.303), (misfit.Text("account"), misfit.GetProperty("needed_calls_per_second").GetDouble()));
        Assert.Contains("force=true", problem.Text("detail"), StringComparison.Ordinal);

        var (made, config) = await SendAsync(HttpMethod.Post, Path, Body.Replace("10,", $"{fits},", StringComparison.Ordinal));
        Assert.Equal(201, made);
        var one = $"{Path}/{config.Number("id")}";
        Assert.Equal(422, (await SendAsync(HttpMethod.Put, one, """{"interval_seconds": 10}""")).Status);
        Assert.Equal(fits, (await system.Api.GetAsync(one)).Body.Number("interval_seconds"));
        Assert.Equal(200, (await SendAsync(HttpMethod.Put, one + "?force=true", """{"interval_seconds": 10}""")).Status);

        // What is overloaded already may be named and switched off at any time.
        Assert.Equal(200, (await SendAsync(HttpMethod.Put, one, """{"name": "z", "status": 0}""")).Status);
        Assert.Equal(204, (await SendAsync(HttpMethod.Delete, one)).Status);
        await SendAsync(HttpMethod.Put, "/api/admin/carrier-accounts/1", """{"calls_per_5_minutes": null}""");
    }

    [Fact]
    public async Task What_takes_a_configuration_away_is_refused_when_the_one_that_rules_then_does_not_fit()
    {
        await SendAsync(HttpMethod.Put, "/api/admin/carrier-accounts/1", """{"calls_per_5_minutes": 67}""");
        var (_, fast) = await SendAsync(
            HttpMethod.Post, Path, """{"name": "fast", "task_type": "realname", "account_id": 1, "interval_seconds": 10, "priority": 2, "status": 0}""");
        var (_, slow) = await SendAsync(
            HttpMethod.Post, Path, """{"name": "slow", "task_type": "realname", "account_id": 1, "interval_seconds": 3600, "priority": 1}""");
        var (fastId, one) = (fast.Number("id"), $"{Path}/{slow.Number("id")}");
        Assert.Equal(200, (await SendAsync(HttpMethod.Put, $"{Path}/{fastId}", """{"status": 1}""")).Status);

        var refused = new[]
        {
            await SendAsync(HttpMethod.Delete, one), await SendAsync(HttpMethod.Put, one, """{"status": 0}"""),
            await SendAsync(HttpMethod.Put, one, """{"priority": 3}"""), await SendAsync(HttpMethod.Put, one, """{"card_status": 0}"""),
        };
        Assert.All(refused, answer =>
        {
            Assert.Equal(422, answer.Status);
            var misfit = Assert.Single(answer.Body.GetProperty("misfits").EnumerateArray());
            Assert.Equal(("interval_seconds", "10", $"at least {misfit.Number("interval_seconds_min")} to fit the quota of every account, in configuration {fastId}, which would apply then"),
                answer.Body.Mistake());
            Assert.Equal(fastId, misfit.Number("configuration_id"));
        });
        Assert.Equal((1, 1), ((await system.Api.GetAsync(one)).Body.Number("status"), (await system.Api.GetAsync(one)).Body.Number("priority")));

        // The interval that is told fits.
        var fits = refused[0].Body.GetProperty("misfits")[0].Number("interval_seconds_min");
        Assert.Equal(200, (await SendAsync(HttpMethod.Put, $"{Path}/{fastId}", $$"""{"interval_seconds": {{fits}}}""")).Status);
        Assert.Equal(204, (await SendAsync(HttpMethod.Delete, one)).Status);
        Assert.Equal(204, (await SendAsync(HttpMethod.Delete, $"{Path}/{fastId}?force=true")).Status);
        await SendAsync(HttpMethod.Put, "/api/admin/carrier-accounts/1", """{"calls_per_5_minutes": null}""");
    }

    [Theory]
    [InlineData("""{"interval_seconds": 9}""", "interval_seconds", "9", "an integer from 10 (the least for realname) to 2592000")]
    [InlineData("""{"interval_seconds": 0}""", "interval_seconds", "0", "an integer from 1 to 2592000")]
    [InlineData("""{"task_type": "package", "interval_seconds": 59}""", "interval_seconds", "59", "an integer from 60 (the least for package) to 2592000")]
    [InlineData("""{"task_type": "sms"}""", "task_type", "sms", "one of realname, carddata, package")]
    [InlineData("""{"interval_seconds": 2592001}""", "interval_seconds", "2592001", "an integer from 1 to 2592000")]
    [InlineData("""{"interval_seconds": null}""", "interval_seconds", "null", "an integer from 1 to 2592000")]
    [InlineData("""{"account_id": 77}""", "account_id", "77", "the id of a carrier account, or null")]
    [InlineData("""{"carrier_id": 77}""", "carrier_id", "77", "the id of a carrier, or null")]
    [InlineData("""{"carrier_id": 1, "account_id": 2}""", "account_id", "2", "an account of carrier 1; this one is of carrier 2")]
    [InlineData("""{"card_status": 3}""", "card_status", "3", "an integer from 0 to 2, or null")]
    [InlineData("""{"real_name_status": -1}""", "real_name_status", "-1", "an integer from 0 to 1, or null")]
    [InlineData("""{"package_id": 16777216}""", "package_id", "16777216", "an integer from 1 to 16777215, or null")]
    [InlineData("""{"priority": -1}""", "priority", "-1", "an integer from 0 to 1000000")]
    [InlineData("""{"status": 2}""", "status", "2", "an integer from 0 to 1")]
    [InlineData("""{"name": "  "}""", "name", "  ", "1 to 100 characters")]
    [InlineData("""{"name": "a\u0000"}""", "name", "(not a text)", "1 to 100 characters")]
    public async Task What_is_wrong_is_named_and_nothing_is_changed(string json, string field, string value, string rule)
    {
        var (_, before) = await system.Api.GetAsync($"{Path}/1");
        var (status, problem) = await SendAsync(HttpMethod.Put, $"{Path}/1", json);

        Assert.Equal(400, status);
        Assert.Equal((field, value, rule), problem.Mistake());
        Assert.Equal(before.ToString(), (await system.Api.GetAsync($"{Path}/1")).Body.ToString());
    }

    [Fact]
    public async Task A_new_configuration_names_all_that_it_lacks()
    {
        var (status, problem) = await SendAsync(HttpMethod.Post, Path + "?force=perhaps", "{}");
        Assert.Equal(400, status);
        Assert.Equal(
            ["name", "task_type", "interval_seconds", "force"], problem.GetProperty("errors").EnumerateArray().Select(error => error.Text("field")));
    }

    private Task<(int Status, System.Text.Json.JsonElement Body)> SendAsync(HttpMethod method, string path, string? json = null) =>
        system.Api.SendAsync(method, path, json);
}
