using System.Net.Http.Headers;
using System.Text.Json;
using Npgsql;

namespace Polling.AdminApi.Tests;

/// <summary>Packages, pools, add-ons, and what a card has used.</summary>
public sealed class PackageTests(PollingSystem system)
{
    private const string Packages = "/api/admin/packages";
    private const string Pools = "/api/admin/usage-pools";

    // Terminated ones: no configuration polls them, so the other tests' figures stay as they are.
    private const string Header = "iccid,carrier,account,status";

    [Fact]
    public async Task A_package_is_made_changed_given_to_cards_and_deleted_when_none_has_it()
    {
        var (status, made) = await PostAsync(Packages, """{"code": "T1", "name": "试用", "allowance_bytes": 1000, "real_name_above_bytes": 500}""");
        Assert.Equal((201, "T1", 100, 80, false), (status, made.Text("code"), made.Number("limit_percent"), made.Number("warn_percent"), made.GetProperty("is_directional").GetBoolean()));
        var path = $"{Packages}/{made.Number("id")}";
        Assert.Equal(409, (await PostAsync(Packages, """{"code": "T1", "name": "x", "allowance_bytes": 1}""")).Status);
        var (_, changed) = await system.Api.SendAsync(HttpMethod.Put, path, """{"allowance_bytes": 2000, "valid_until": "2027-01-31"}""");
        Assert.Equal((2000, "试用", "2027-01-31", 500), (changed.Number("allowance_bytes"), changed.Text("name"), changed.Text("valid_until"), changed.Number("real_name_above_bytes")));
        Assert.Equal(changed.ToString(), (await system.Api.GetAsync(path)).Body.ToString());
        Assert.Equal(1, (await system.Api.GetAsync($"{Packages}?code=T1")).Body.Number("total"));

        var (_, import) = await ImportAsync($"{Header},package_id\n89860400090000900011,CMCC,CMCC-demo,3,{made.Number("id")}\n89860400090000900029,CMCC,CMCC-demo,3,4711\n");
        Assert.Equal((1, 1), (import.Number("added"), import.Number("refused")));
        Assert.Equal(1, (await system.Api.GetAsync($"/api/admin/cards?package_id={made.Number("id")}")).Body.Number("total"));
        Assert.Equal(409, (await system.Api.SendAsync(HttpMethod.Delete, path)).Status);
        await ImportAsync($"{Header},package_id\n89860400090000900011,CMCC,CMCC-demo,3,\n");
        Assert.Equal(204, (await system.Api.SendAsync(HttpMethod.Delete, path)).Status);
        Assert.Equal(404, (await system.Api.GetAsync(path)).Status);
        var (_, log) = await system.Api.GetAsync("/api/admin/audit-log?subject=package");
        Assert.Equal(["delete", "update", "create"], log.GetProperty("items").EnumerateArray().Where(e => e.Text("subject_id") == $"{made.Number("id")}").Select(e => e.Text("action")));
    }

    [Theory]
    [InlineData(Packages, """{"code": "W", "name": "w"}""", "allowance_bytes", "")]
    [InlineData(Packages, """{"code": "W", "name": "w", "allowance_bytes": -1}""", "allowance_bytes", "-1")]
    [InlineData(Packages, """{"code": "W", "name": "w", "allowance_bytes": 1125899906842625}""", "allowance_bytes", "1125899906842625")]
    [InlineData(Packages, """{"code": " ", "name": "w", "allowance_bytes": 1}""", "code", " ")]
    [InlineData(Packages, """{"code": "W", "name": "w", "allowance_bytes": 1, "limit_percent": 0}""", "limit_percent", "0")]
    [InlineData(Packages, """{"code": "W", "name": "w", "allowance_bytes": 1, "valid_until": "2027-02-30"}""", "valid_until", "2027-02-30")]
    [InlineData(Packages, """{"code": "W", "name": "w", "allowance_bytes": 1, "price": 5}""", "price", "5")]
    [InlineData(Pools, """{"code": "W", "name": "w", "account_id": 4000}""", "account_id", "4000")]
    [InlineData(Pools, """{"code": "W", "name": "w"}""", "account_id", "")]
    [InlineData("/api/admin/cards/3/addons", """{"allowance_bytes": 0, "reference": "w"}""", "allowance_bytes", "0")]
    [InlineData("/api/admin/cards/3/addons", """{"allowance_bytes": 1}""", "reference", "")]
    [InlineData("/api/admin/cards/3/addons", """{"allowance_bytes": 1, "reference": "w", "cycle": "2026-11-07"}""", "cycle", "2026-11-07")]
    [InlineData("/api/admin/cards/abc/addons", """{"allowance_bytes": 1, "reference": "w"}""", "id", "abc")]
    public async Task What_is_wrong_is_named(string path, string json, string field, string value)
    {
        var (status, problem) = await PostAsync(path, json);
        var (wrong, shown, rule) = problem.Mistake();
        Assert.Equal((400, field, value), (status, wrong, shown));
        Assert.NotEmpty(rule!);
    }

    [Fact]
    public async Task An_add_on_counts_once_and_begins_a_new_episode_of_a_card_that_was_suspended()
    {
        var (_, package) = await PostAsync(Packages, """{"code": "T2", "name": "x", "allowance_bytes": 1000}""");
        await ImportAsync($"{Header},package_id\n89860400090000900037,CMCC,CMCC-demo,3,{package.Number("id")}\n");
        var id = (await system.Api.GetAsync("/api/admin/cards?iccid=89860400090000900037")).Body.GetProperty("items")[0].Number("id");
        var cycle = $"{DateTimeOffset.UtcNow.ToOffset(TimeSpan.FromHours(8)):yyyy-MM}-01";
        await using var postgres = NpgsqlDataSource.Create(system.Api.Postgres);
        await ExecuteAsync(
            postgres,
            $"""
            INSERT INTO tb_usage_cycle (card_id, cycle, account_id, used_bytes, previous_used_bytes, last_bytes, last_as_of, last_read_at, first_read_at,
                                        bytes_per_hour, falling_readings, late_readings)
            VALUES ({id}, '{cycle}', 1, 1200, 1100, 1150, now(), now(), now(), 60, 1, 0),
                   ({id}, '{cycle}'::date - interval '1 month', 1, 700, 0, 700, now(), now(), now(), 60, 0, 0);
            UPDATE tb_usage_cycle SET closed_at = now(), closed_by = 1, gap_seconds = 900 WHERE card_id = {id} AND cycle < '{cycle}';
            INSERT INTO tb_usage_daily VALUES ({id}, (now() AT TIME ZONE 'Asia/Shanghai')::date, 30);
            INSERT INTO tb_suspension (card_id, account_id, action, rule, cycle, episode, state, reason, requested_by, attempts)
            VALUES ({id}, 1, 1, 1, '{cycle}', 1, 10, 'x', 'polling', 1)
            """);

        var (_, before) = await system.Api.GetAsync($"/api/admin/cards/{id}/usage");
        var limit = before.GetProperty("limit");
        Assert.Equal(
            (1200, 1000, 120.0, true, "over_limit", 1, true),
            (limit.Number("used_bytes"), limit.Number("limit_bytes"), limit.GetProperty("used_percent").GetDouble(), limit.GetProperty("is_over").GetBoolean(), limit.Text("rule"), limit.Number("episode"), limit.GetProperty("is_fresh").GetBoolean()));
        Assert.Equal((1200, 1150, 1), (before.GetProperty("this_cycle").Number("used_bytes"), before.GetProperty("this_cycle").Number("last_bytes"), before.GetProperty("this_cycle").Number("falling_readings")));
        Assert.Equal((700, "last_reading", 900), (before.GetProperty("last_cycle").Number("used_bytes"), before.GetProperty("last_cycle").Text("closed_by"), before.GetProperty("last_cycle").Number("gap_seconds")));
        Assert.Equal((30, 30), (before.Number("today"), before.GetProperty("days")[0].Number("used_bytes")));

        const string Addon = """{"allowance_bytes": 260, "reference": "order-1"}""";
        var (first, made) = await PostAsync($"/api/admin/cards/{id}/addons", Addon);
        var (again, same) = await PostAsync($"/api/admin/cards/{id}/addons", Addon);
        Assert.Equal((201, 200, cycle), (first, again, made.Text("cycle")));
        Assert.Equal(made.ToString(), same.ToString());
        Assert.Equal(409, (await PostAsync($"/api/admin/cards/{id}/addons", """{"allowance_bytes": 999, "reference": "order-1"}""")).Status);

        var (_, after) = await system.Api.GetAsync($"/api/admin/cards/{id}/usage");
        limit = after.GetProperty("limit");
        Assert.Equal((1260, false, true, 2), (limit.Number("limit_bytes"), limit.GetProperty("is_over").GetBoolean(), limit.GetProperty("is_near").GetBoolean(), limit.Number("episode")));
        Assert.Equal(1, (await system.Api.GetAsync($"/api/admin/cards/{id}/addons")).Body.Number("total"));
    }

    [Fact]
    public async Task A_pool_takes_cards_of_its_account_and_add_ons_instead_of_them()
    {
        var (status, pool) = await PostAsync(Pools, """{"code": "车队", "name": "Fleet", "account_id": 1, "allowance_bytes": 5000}""");
        Assert.Equal((201, 5000), (status, pool.Number("allowance_bytes")));
        var path = $"{Pools}/{pool.Number("id")}";
        await ImportAsync($"{Header},pool\n89860400090000900045,CMCC,CMCC-demo,3,车队\n");
        var card = (await system.Api.GetAsync($"/api/admin/cards?pool_id={pool.Number("id")}")).Body.GetProperty("items")[0];
        Assert.Equal(pool.Number("id"), card.Number("pool_id"));
        Assert.Equal(409, (await system.Api.SendAsync(HttpMethod.Delete, path)).Status);
        Assert.Equal(409, (await PostAsync($"/api/admin/cards/{card.Number("id")}/addons", """{"allowance_bytes": 1, "reference": "p-0"}""")).Status);
        Assert.Equal(201, (await PostAsync($"{path}/addons", """{"allowance_bytes": 100, "reference": "p-1"}""")).Status);
        Assert.Equal(100, (await system.Api.GetAsync($"{path}/addons")).Body.GetProperty("items")[0].Number("allowance_bytes"));
        var (_, usage) = await system.Api.GetAsync($"/api/admin/cards/{card.Number("id")}/usage");
        Assert.Equal((JsonValueKind.Null, "车队", 0), (usage.GetProperty("this_cycle").ValueKind, usage.GetProperty("pool").Text("code"), usage.GetProperty("pool").Number("used_bytes")));
        Assert.Equal(404, (await system.Api.GetAsync("/api/admin/cards/699999999/usage")).Status);
    }

    private Task<(int Status, JsonElement Body)> PostAsync(string path, string json) => system.Api.SendAsync(HttpMethod.Post, path, json);

    private Task<(int Status, JsonElement Body)> ImportAsync(string csv) =>
        system.Api.ImportAsync(new StringContent(csv, new MediaTypeHeaderValue("text/csv")));

    private static async Task ExecuteAsync(NpgsqlDataSource postgres, string sql)
    {
        await using var command = postgres.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }
}
