namespace Polling.AdminApi.Tests;

public sealed class AccountTests(PollingSystem system)
{
    private const string Path = "/api/admin/carrier-accounts";
    private static readonly TimeSpan InForce = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task Quotas_are_changed_in_part_and_in_force_within_two_seconds()
    {
        var (_, before) = await system.Api.GetAsync($"{Path}/2");
        var (status, changed) = await system.Api.SendAsync(
            HttpMethod.Put, $"{Path}/2", """{"calls_per_second": 55, "calls_per_month": 5000000, "maintenance_windows": ["02:00-04:00"]}""");

        Assert.Equal(200, status);
        Assert.Equal((55, 5_000_000), (changed.Number("calls_per_second"), changed.Number("calls_per_month")));
        Assert.Equal(before.Number("max_in_flight"), changed.Number("max_in_flight"));
        Assert.Equal(changed.ToString(), (await system.Api.GetAsync($"{Path}/2")).Body.ToString());
        await PollingSystem.UntilAsync(InForce, async () => await LimitAsync("calls_per_second") == 55 && await LimitAsync("calls_per_month") == 5_000_000);

        // What an answer has may be sent back as it is.
        var (_, back) = await system.Api.SendAsync(HttpMethod.Put, $"{Path}/2", before.ToString());
        Assert.Equal((20, null, null), (back.Number("calls_per_second"), back.Text("calls_per_5_minutes"), back.Text("calls_per_month")));
        Assert.Equal(0, back.GetProperty("maintenance_windows").GetArrayLength());
        await PollingSystem.UntilAsync(InForce, async () => await LimitAsync("calls_per_second") == 20);
    }

    [Fact]
    public async Task A_pause_and_its_end_are_in_force_within_two_seconds()
    {
        Assert.Equal(0, (await system.Api.SendAsync(HttpMethod.Post, $"{Path}/2/pause")).Body.Number("status"));
        await PollingSystem.UntilAsync(InForce, async () => await LimitAsync("status") == 0);
        Assert.Equal(0, (await system.Api.SendAsync(HttpMethod.Post, $"{Path}/2/pause")).Body.Number("status"));
        Assert.Equal(1, (await system.Api.SendAsync(HttpMethod.Post, $"{Path}/2/resume")).Body.Number("status"));
        await PollingSystem.UntilAsync(InForce, async () => await LimitAsync("status") == 1);
    }

    [Fact]
    public async Task The_list_tells_what_polling_needs_and_what_is_there()
    {
        await PollingSystem.UntilAsync(TimeSpan.FromSeconds(30), async () =>
        {
            var (_, all) = await system.Api.GetAsync(Path);
            return all.GetProperty("items").EnumerateArray().All(
                item => item.Text("code") is not null && item.GetProperty("needed_calls_per_second").ToString() is { Length: > 0 });
        });
        var (_, list) = await system.Api.GetAsync(Path);
        Assert.True(list.Number("total") >= 3);

        // 14 demo cards, 100 a call: 14 / 60 for the real name, twice 14 / 1800 for the others; 18 of 20 calls in 1.1 s are polling's.
        var third = list.GetProperty("items").EnumerateArray().Single(item => item.Number("id") == 3);
        Assert.Equal(0.003, third.GetProperty("needed_calls_per_second").GetDouble(), 3);
        Assert.Equal(16.364, third.GetProperty("available_calls_per_second").GetDouble());
    }

    [Fact]
    public async Task An_account_is_made_used_and_deleted()
    {
        var (carrierStatus, carrier) = await system.Api.SendAsync(HttpMethod.Post, "/api/admin/carriers", """{"code": "NEW", "name": "新运营商"}""");
        Assert.Equal((201, "新运营商"), (carrierStatus, carrier.Text("name")));
        Assert.Equal(409, (await system.Api.SendAsync(HttpMethod.Post, "/api/admin/carriers", """{"code": "NEW", "name": "x"}""")).Status);
        var json = $$"""{"carrier_id": {{carrier.Number("id")}}, "code": "NEW-1", "name": "one", "calls_per_second": 7, "cards_per_call": 10, "max_in_flight": 5}""";
        var (status, account) = await system.Api.SendAsync(HttpMethod.Post, Path, json);
        Assert.Equal((201, 100, "Asia/Shanghai", 1), (status, account.Number("weight"), account.Text("time_zone"), account.Number("status")));
        var one = $"{Path}/{account.Number("id")}";
        Assert.Equal(account.ToString(), (await system.Api.GetAsync(one)).Body.ToString());
        await PollingSystem.UntilAsync(TimeSpan.FromSeconds(30), async () =>
            (int?)await system.Redis.HashGetAsync($"polling:account:{account.Number("id")}", "calls_per_second") == 7);
        Assert.Equal((400, "code"), Taken(await system.Api.SendAsync(HttpMethod.Post, Path, json)));
        var (_, changed) = await system.Api.SendAsync(HttpMethod.Put, one, """{"base_url": "https://gateway.example/api", "name": "eins"}""");
        Assert.Equal(("https://gateway.example/api", "eins"), (changed.Text("base_url"), changed.Text("name")));

        var (_, pool) = await system.Api.SendAsync(
            HttpMethod.Post, "/api/admin/usage-pools", $$"""{"code": "NEW-P", "name": "p", "account_id": {{account.Number("id")}}, "allowance_bytes": 1}""");
        Assert.Equal(409, (await system.Api.SendAsync(HttpMethod.Delete, one)).Status);
        Assert.Equal(204, (await system.Api.SendAsync(HttpMethod.Delete, $"/api/admin/usage-pools/{pool.Number("id")}")).Status);

        Assert.Equal(204, (await system.Api.SendAsync(HttpMethod.Delete, one)).Status);
        Assert.Equal(404, (await system.Api.GetAsync(one)).Status);
        Assert.Equal(409, (await system.Api.SendAsync(HttpMethod.Delete, $"{Path}/1")).Status);
        await PollingSystem.UntilAsync(TimeSpan.FromSeconds(30), async () => !await system.Redis.HashExistsAsync("polling:accounts:realname", account.Number("id")));

        static (int, string?) Taken((int Status, System.Text.Json.JsonElement Body) answer) => (answer.Status, answer.Body.Mistake().Field);
    }

    [Theory]
    [InlineData("off")]
    [InlineData("dry_run")]
    [InlineData("on")]
    public async Task A_new_account_suspends_as_it_was_asked_to(string mode)
    {
        var (status, account) = await system.Api.SendAsync(
            HttpMethod.Post, Path,
            $$"""{"carrier_id": 1, "code": "M-{{mode}}", "name": "x", "calls_per_second": 1, "cards_per_call": 1, "max_in_flight": 1, "suspension_mode": "{{mode}}"}""");
        Assert.Equal((201, mode), (status, account.Text("suspension_mode")));
        var one = $"{Path}/{account.Number("id")}";
        Assert.Equal(mode, (await system.Api.GetAsync(one)).Body.Text("suspension_mode"));
        Assert.Equal(204, (await system.Api.SendAsync(HttpMethod.Delete, one)).Status);
    }

    [Fact]
    public async Task A_dialect_and_what_suspensions_go_by_are_kept_and_a_secret_is_never_shown()
    {
        const string Secret = "s3cret-of-account-2";
        var (_, before) = await system.Api.GetAsync($"{Path}/2");
        Assert.Equal(("plain", "False", "on"), (before.Text("dialect"), before.GetProperty("has_app_secret").ToString(), before.Text("suspension_mode")));
        var (status, changed) = await system.Api.SendAsync(
            HttpMethod.Put, $"{Path}/2",
            $$"""
            {"app_id": "app-2", "app_secret": "{{Secret}}", "usage_freshness_seconds": 3600, "suspension_mode": "dry_run",
             "suspensions_max": 7, "suspensions_percent_max": 0.5, "suspension_window_seconds": 600}
            """);
        Assert.Equal(200, status);
        Assert.Equal(
            ("app-2", "True", 3600, "dry_run", 7, 0.5, 600),
            (changed.Text("app_id"), changed.GetProperty("has_app_secret").ToString(), changed.Number("usage_freshness_seconds"), changed.Text("suspension_mode"),
                changed.Number("suspensions_max"), changed.GetProperty("suspensions_percent_max").GetDouble(), changed.Number("suspension_window_seconds")));
        var (_, log) = await system.Api.GetAsync("/api/admin/audit-log?page_size=5");
        Assert.Contains("app_secret", log.ToString(), StringComparison.Ordinal);
        foreach (var shown in new[] { changed.ToString(), (await system.Api.GetAsync(Path)).Body.ToString(), log.ToString() })
        {
            Assert.DoesNotContain(Secret, shown, StringComparison.Ordinal);
        }

        // An answer may be sent back as it is; the secret stays until it is taken away.
        Assert.Equal("True", (await system.Api.SendAsync(HttpMethod.Put, $"{Path}/2", before.ToString())).Body.GetProperty("has_app_secret").ToString());
        var (_, back) = await system.Api.SendAsync(HttpMethod.Put, $"{Path}/2", """{"app_secret": null}""");
        Assert.Equal(("False", 100, "on"), (back.GetProperty("has_app_secret").ToString(), back.Number("suspensions_max"), back.Text("suspension_mode")));
        var (_, refused) = await system.Api.SendAsync(HttpMethod.Put, $"{Path}/2", $$"""{"app_secret": "{{new string('x', 201)}}"}""");
        Assert.Equal(("app_secret", "(not shown)", "1 to 200 characters, or null (none)"), refused.Mistake());
    }

    [Theory]
    [InlineData("{}", "carrier_id")]
    [InlineData("""{"carrier_id": 99999, "code": "X", "name": "x", "calls_per_second": 1, "cards_per_call": 1, "max_in_flight": 1}""", "carrier_id")]
    [InlineData("""{"carrier_id": 1, "code": "", "name": "x", "calls_per_second": 1, "cards_per_call": 1, "max_in_flight": 1}""", "code")]
    [InlineData("""{"carrier_id": 1, "code": "X", "name": "x", "calls_per_second": 1, "cards_per_call": 1, "max_in_flight": 1, "base_url": "ftp://x"}""", "base_url")]
    public async Task A_new_account_that_lacks_something_is_refused(string json, string field)
    {
        var (status, problem) = await system.Api.SendAsync(HttpMethod.Post, Path, json);
        Assert.Equal((400, field), (status, problem.GetProperty("errors")[0].Text("field")));
    }

    [Theory]
    [InlineData("""{"calls_per_second": -1}""", "calls_per_second", "-1", "an integer from 1 to 1000000")]
    [InlineData("""{"calls_per_second": 1000001}""", "calls_per_second", "1000001", "an integer from 1 to 1000000")]
    [InlineData("""{"calls_per_second": null}""", "calls_per_second", "null", "an integer from 1 to 1000000")]
    [InlineData("""{"calls_per_5_minutes": 0}""", "calls_per_5_minutes", "0", "an integer from 1 to 300000000, or null")]
    [InlineData("""{"calls_per_month": -9}""", "calls_per_month", "-9", "an integer from 1 to 2678400000000, or null")]
    [InlineData("""{"max_in_flight": 0}""", "max_in_flight", "0", "an integer from 1 to 100000")]
    [InlineData("""{"cards_per_call": 501}""", "cards_per_call", "501", "an integer from 1 to 500")]
    [InlineData("""{"weight": 0}""", "weight", "0", "an integer from 1 to 10000")]
    [InlineData("""{"billing_cycle_day": 29}""", "billing_cycle_day", "29", "an integer from 1 to 28")]
    [InlineData("""{"dialect": "smpp"}""", "dialect", "smpp", "one of plain, onelink, telecom, jasper")]
    [InlineData("""{"app_id": "a:b"}""", "app_id", "a:b", "1 to 200 visible ASCII characters without ':', or null (the account's code)")]
    [InlineData("""{"usage_freshness_seconds": 59}""", "usage_freshness_seconds", "59", "an integer from 60 to 604800")]
    [InlineData("""{"suspension_mode": "maybe"}""", "suspension_mode", "maybe", "one of off, dry_run, on")]
    [InlineData("""{"suspensions_max": 0}""", "suspensions_max", "0", "an integer from 1 to 1000000")]
    [InlineData("""{"suspensions_percent_max": 0}""", "suspensions_percent_max", "0", "a number from 0.001 to 100, or null")]
    [InlineData("""{"suspension_window_seconds": 604801}""", "suspension_window_seconds", "604801", "an integer from 60 to 604800")]
    [InlineData("""{"status": 3}""", "status", "3", "an integer from 0 to 1")]
    [InlineData("""{"time_zone": "Mars/Olympus"}""", "time_zone", "Mars/Olympus", "an IANA time zone, such as 'Asia/Shanghai'")]
    [InlineData("""{"time_zone": ""}""", "time_zone", "", "an IANA time zone, such as 'Asia/Shanghai'")]
    [InlineData("""{"maintenance_windows": ["00:00-12:00", "12:00-00:00"]}""", "maintenance_windows", "00:00-12:00, 12:00-00:00", "less than the whole day; to send nothing, set status to 0")]
    [InlineData("""{"maintenance_windows": "02:00-04:00"}""", "maintenance_windows", "02:00-04:00", "an array of at most 10 texts")]
    [InlineData("""{"maintenance_windows": [null]}""", "maintenance_windows", "[…]", "an array of at most 10 texts")]
    [InlineData("""{"maintenance_windows": ["2-4"]}""", "maintenance_windows[0]", "2-4", "\"HH:mm-HH:mm\", such as \"02:00-04:30\" or, across midnight, \"23:30-00:30\", its start and end different")]
    public async Task What_is_wrong_is_named_and_nothing_is_changed(string json, string field, string value, string rule)
    {
        var (_, before) = await system.Api.GetAsync($"{Path}/3");
        var (status, problem) = await system.Api.SendAsync(HttpMethod.Put, $"{Path}/3", json);

        Assert.Equal(400, status);
        Assert.Equal((field, value, rule), problem.Mistake());
        Assert.Equal(before.Text("updated_at"), (await system.Api.GetAsync($"{Path}/3")).Body.Text("updated_at"));
    }

    [Theory]
    [InlineData("GET", "/77", 404)]
    [InlineData("PUT", "/77", 404)]
    [InlineData("POST", "/77/pause", 404)]
    [InlineData("POST", "/4096/resume", 400)]
    [InlineData("GET", "/x", 400)]
    public async Task An_unknown_account_is_told(string method, string path, int expected)
    {
        var (status, problem) = await system.Api.SendAsync(new HttpMethod(method), Path + path, method == "PUT" ? "{}" : null);
        Assert.Equal(expected, status);
        Assert.Contains(path.Split('/')[1], problem.Text("detail"), StringComparison.Ordinal);
    }

    private async Task<long?> LimitAsync(string field) =>
        (await system.Redis.HashGetAsync("polling:account:2", field)).TryParse(out long value) ? value : null;
}
