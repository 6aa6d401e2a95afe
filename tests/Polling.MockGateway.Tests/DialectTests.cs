using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using static Polling.MockGateway.Tests.RunningGateway;

namespace Polling.MockGateway.Tests;

/// <summary>The carriers' side of each dialect, as it stands on the wire.</summary>
public sealed class DialectTests
{
    private const string OneLink = "/onelink/v5/ec/";
    private static readonly DateTimeOffset Start = new(2026, 11, 20, 12, 0, 0, TimeSpan.FromHours(8));
    private readonly FakeTimeProvider _clock = new(Start);

    [Fact]
    public async Task OneLink_wants_a_token_which_ends_by_its_time_or_by_control()
    {
        await using var gateway = await StartAsync(services => services.AddSingleton<TimeProvider>(_clock));
        Assert.Equal("12004", (string?)(await gateway.GetAsync(OneLink + "get/token?appid=A&password=wrong&transid=1"))["status"]);
        Assert.Equal("12021", (string?)(await UsageAsync("none"))["status"]);
        var token = await TokenAsync();
        var told = (await UsageAsync(token))["result"]![0]!;
        Assert.Equal(Iccid(1), (string?)told["iccid"]);
        Assert.Matches("^[0-9]+\\.[0-9]{2}$", (string?)told["dataAmount"]);

        _clock.Advance(TimeSpan.FromSeconds(3599));
        Assert.Equal("0", (string?)(await UsageAsync(token))["status"]);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("12021", (string?)(await UsageAsync(token))["status"]);
        token = await TokenAsync();
        await gateway.ExpireTokensAsync();
        Assert.Equal("12021", (string?)(await UsageAsync(token))["status"]);
        Assert.Equal("0", (string?)(await UsageAsync(await TokenAsync()))["status"]);

        // All of it is the account's, the refused ones too: counted and in the ledger.
        var summary = (await gateway.GetAsync("/control/ledger/summary"))["accounts"]!.AsArray().Single(row => (string?)row!["account"] == "A")!;
        Assert.Equal(9, (int)summary["calls"]!);

        async Task<string> TokenAsync() =>
            (string)(await gateway.GetAsync(OneLink + "get/token?appid=A&password=secret-A&transid=1"))["result"]![0]!["token"]!;

        Task<JsonObject> UsageAsync(string with) =>
            gateway.GetAsync(OneLink + $"query/sim-data-usage/batch?transid=1&token={Uri.EscapeDataString(with)}&iccids={Iccid(1)}");
    }

    [Fact]
    public async Task OneLink_takes_a_hundred_cards_has_a_blank_for_no_usage_and_names_each_cards_error()
    {
        await using var gateway = await StartAsync(services => services.AddSingleton<TimeProvider>(_clock));
        var tooMany = await AskAsync(string.Join('_', Enumerable.Range(0, 101).Select(Iccid)));
        Assert.Equal("11000", (string?)tooMany["status"]);
        Assert.Equal(100, (await AskAsync(string.Join('_', Enumerable.Range(0, 100).Select(Iccid))))["result"]!.AsArray().Count);
        await gateway.ForceAsync(Iccid(1), """{"account":"B"}""");
        await gateway.ForceAsync(Iccid(2), """{"error":"12010","error_message":"流量池已用尽"}""");
        var mixed = await AskAsync($"{Iccid(1)}_{Iccid(2)}_{Iccid(3)}");
        Assert.Equal(["12009", "12010", null], mixed["result"]!.AsArray().Select(card => (string?)card!["status"]));

        _clock.SetUtcNow(new DateTimeOffset(2026, 12, 1, 0, 0, 0, TimeSpan.FromHours(8)));
        Assert.Equal(" ", (string?)(await AskAsync(Iccid(3)))["result"]![0]!["dataAmount"]);

        async Task<JsonObject> AskAsync(string iccids)
        {
            var token = (string)(await gateway.GetAsync(OneLink + "get/token?appid=A&password=secret-A&transid=1"))["result"]![0]!["token"]!;
            return await gateway.GetAsync(OneLink + $"query/sim-data-usage/batch?transid=1&token={Uri.EscapeDataString(token)}&iccids={iccids}");
        }
    }

    [Fact]
    public async Task A_OneLink_job_waits_runs_is_done_and_bars_the_card_for_five_minutes()
    {
        await using var gateway = await StartAsync(services => services.AddSingleton<TimeProvider>(_clock));
        await gateway.BehaveAsync("""{"jobs":{"seconds":60}}""");
        var token = Uri.EscapeDataString((string)(await gateway.GetAsync(OneLink + "get/token?appid=A&password=secret-A&transid=1"))["result"]![0]!["token"]!);
        var job = (string)(await OperateAsync("one", 0))["result"]![0]!["jobId"]!;
        Assert.Equal(job, (string?)(await OperateAsync("one", 0))["result"]![0]!["jobId"]);
        Assert.Equal("12089", (string?)(await OperateAsync("two", 0))["status"]);
        Assert.Equal("0", await JobAsync());
        _clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal("1", await JobAsync());
        Assert.Equal("active", (string?)(await gateway.GetAsync($"/control/cards/{Iccid(1)}"))["state"]);
        _clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal("2", await JobAsync());
        Assert.Equal("customer", (string?)(await gateway.GetAsync($"/control/cards/{Iccid(1)}"))["stopped_by"]);
        Assert.Equal("12089", (string?)(await OperateAsync("three", 1))["status"]);
        _clock.Advance(TimeSpan.FromSeconds(240));
        Assert.Equal("0", (string?)(await OperateAsync("four", 1))["status"]);
        Assert.Equal(
            [("stop", "accepted", "one", false), ("stop", "0", "one", true), ("stop", "12089", "two", false), ("stop", "0", "one", false),
                ("resume", "12089", "three", false), ("resume", "accepted", "four", false)],
            await gateway.StopsAsync(Iccid(1)));

        Task<JsonObject> OperateAsync(string key, int type) =>
            gateway.GetAsync(OneLink + $"operate/sim-status?transid={key}&token={token}&iccid={Iccid(1)}&operType={type}");

        async Task<string?> JobAsync() =>
            (string?)(await gateway.GetAsync(OneLink + $"query/sim-batch-result?transid=1&token={token}&jobId={job}"))["result"]![0]!["jobStatus"];
    }

    [Theory]
    [InlineData("secret-A", 0, "0")]
    [InlineData("secret-A", -299, "0")]
    [InlineData("secret-A", 301, "12004")]
    [InlineData("secret-B", 0, "12004")]
    public async Task Telecom_wants_a_signature_of_the_last_five_minutes(string secret, int ahead, string code)
    {
        await using var gateway = await StartAsync(services => services.AddSingleton<TimeProvider>(_clock));
        var answer = await TelecomAsync(gateway, "queryTraffic", $$"""{"iccid":"{{Iccid(1)}}"}""", secret, ahead);
        Assert.Equal(code, (string?)answer["resultCode"]);
        if (code == "0")
        {
            Assert.Matches("^[0-9]+\\.[0-9]{2}MB$", (string?)answer["data"]!["totalFlow"]);
            Assert.Equal("20261120120000", (string?)answer["data"]!["statTime"]);
        }
    }

    [Fact]
    public async Task Telecom_and_Jasper_state_a_cycle_that_is_over_to_the_byte_and_an_older_figure_is_of_its_own_time()
    {
        await using var gateway = await StartAsync(services => services.AddSingleton<TimeProvider>(_clock));
        var october = (long)(await TelecomAsync(gateway, "queryTraffic", $$"""{"iccid":"{{Iccid(1)}}","month":"202610"}"""))["data"]!["totalBytes"]!;
        var september = (long)(await TelecomAsync(gateway, "queryTraffic", $$"""{"iccid":"{{Iccid(1)}}","month":"202609"}"""))["data"]!["totalBytes"]!;
        Assert.Equal(31.0 / 30, (double)october / september, 0.0001);
        var now = await JasperAsync(gateway, HttpMethod.Get, "/ctdUsages");
        Assert.Equal("2026-10-27", (string?)now.Body["cycleStartDate"]);
        await gateway.BehaveAsync("""{"readings":{"lag_seconds":86400}}""");
        var older = await JasperAsync(gateway, HttpMethod.Get, "/ctdUsages");
        Assert.True((long)older.Body["ctdDataUsage"]! < (long)now.Body["ctdDataUsage"]!);
        Assert.Equal("2026-11-19T12:00:00+08:00", (string?)older.Body["asOf"]);
        Assert.Equal(HttpStatusCode.BadRequest, (await JasperAsync(gateway, HttpMethod.Get, "/usageInZone?cycleStartDate=2026-10-01")).Status);
        Assert.True((long)(await JasperAsync(gateway, HttpMethod.Get, "/usageInZone?cycleStartDate=2026-09-27")).Body["dataUsage"]! > 0);
    }

    [Fact]
    public async Task Jasper_says_errors_by_status_and_code()
    {
        await using var gateway = await StartAsync(services => services.AddSingleton<TimeProvider>(_clock));
        Assert.Equal((HttpStatusCode.Unauthorized, "10000001"), await CodeAsync(JasperAsync(gateway, HttpMethod.Get, "", secret: "x")));
        await gateway.ForceAsync(Iccid(1), """{"error":"20000002"}""");
        Assert.Equal((HttpStatusCode.NotFound, "20000002"), await CodeAsync(JasperAsync(gateway, HttpMethod.Get, "")));
        await gateway.ForceAsync(Iccid(1), """{"error":""}""");
        Assert.Equal(HttpStatusCode.OK, (await JasperAsync(gateway, HttpMethod.Get, "")).Status);
        Assert.Equal((HttpStatusCode.BadRequest, "11000"), await CodeAsync(JasperAsync(gateway, HttpMethod.Put, "", """{"status":"RETIRED"}""")));
        Assert.Equal(HttpStatusCode.OK, (await JasperAsync(gateway, HttpMethod.Put, "", """{"status":"DEACTIVATED"}""")).Status);
        Assert.Equal("DEACTIVATED", (string?)(await JasperAsync(gateway, HttpMethod.Get, "")).Body["status"]);
        await gateway.BehaveAsync("""{"quotas":{"enforce":true,"calls_per_second":1}}""");
        Assert.Equal((HttpStatusCode.TooManyRequests, "40000029"), await CodeAsync(JasperAsync(gateway, HttpMethod.Get, "")));

        static async Task<(HttpStatusCode, string?)> CodeAsync(Task<(HttpStatusCode Status, JsonObject Body)> answer) =>
            ((await answer).Status, (string?)(await answer).Body["errorCode"]);
    }

    [Fact]
    public async Task The_plain_dialect_stops_once_by_key_and_says_who_stopped()
    {
        await using var gateway = await StartAsync();
        await gateway.ForceAsync(Iccid(2), """{"state":"stopped","stopped_by":"carrier"}""");
        var states = await gateway.AskForAsync("state", "A", Iccid(1), Iccid(2));
        Assert.Equal([("active", null), ("stopped", "carrier")], states.Select(card => ((string?)card["state"], (string?)card["stopped_by"])));
        Assert.Equal(["0", "12089"], (await gateway.AskForAsync("suspend", "A", Iccid(1), Iccid(2))).Select(card => (string?)card["status"]));
        Assert.Equal(["0", "12098"], (await gateway.AskForAsync("resume", "A", Iccid(1), Iccid(2))).Select(card => (string?)card["status"]));
    }

    [Theory]
    [InlineData("""{"state":"gone"}""", "state")]
    [InlineData("""{"state":"active","stopped_by":"carrier"}""", "stopped_by")]
    [InlineData("""{"error":"no"}""", "error")]
    public async Task What_cannot_be_forced_upon_a_card_is_named(string body, string field)
    {
        await using var gateway = await StartAsync();
        using var response = await gateway.PutAsync($"/control/cards/{Iccid(1)}", body);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.NotNull((await JsonOf(response))["errors"]![field]);
    }

    private async Task<JsonObject> TelecomAsync(RunningGateway gateway, string method, string body, string secret = "secret-A", int ahead = 0)
    {
        var timestamp = _clock.GetUtcNow().AddSeconds(ahead).ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/5gcmp/openapi/v1/" + method) { Content = new StringContent(body) };
        request.Headers.Add("X-App-Key", "A");
        request.Headers.Add("X-Timestamp", timestamp);
        request.Headers.Add(
            "X-Sign", Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes("A" + timestamp + body))));
        using var response = await gateway.SendAsync(request);
        return await JsonOf(response);
    }

    private static async Task<(HttpStatusCode Status, JsonObject Body)> JasperAsync(
        RunningGateway gateway, HttpMethod method, string path, string? body = null, string secret = "secret-A")
    {
        using var request = new HttpRequestMessage(method, $"/rws/api/v1/devices/{Iccid(1)}{path}") { Content = body is null ? null : new StringContent(body) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes("A:" + secret)));
        using var response = await gateway.SendAsync(request);
        return (response.StatusCode, await JsonOf(response));
    }
}
