using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Polling.MockGateway.PassThrough;
using static Polling.MockGateway.Tests.RunningGateway;

namespace Polling.MockGateway.Tests;

/// <summary>Calls that are passed on get the gateway's faults and are recorded without secrets.</summary>
public sealed class PassedCallTests
{
    private const string Upstream = "MockGateway:Behaviour:PassThrough:Upstream";
    private const string Answer = """{"status":"0","results":[{"id":"89860000000000000001","used_bytes":1234}]}""";

    [Theory]
    [InlineData("http_500", "", HttpStatusCode.InternalServerError, "<html>", 0)]
    [InlineData("other_error", "", HttpStatusCode.OK, "\"status\":\"19010\"", 0)]
    [InlineData("http_429", "", HttpStatusCode.TooManyRequests, "40000029", 0)]
    [InlineData("truncated", "", HttpStatusCode.OK, """{"status":"0","results":[{"id":"8986""", 1)]
    [InlineData("wrong_card", "", HttpStatusCode.OK, """{"status":"0","results":[{"id":"89850000000000000001","used_bytes":1234}]}""", 1)]
    [InlineData("rubbish", "html", HttpStatusCode.OK, "<html>", 1)]
    [InlineData("rubbish", "negative_numbers", HttpStatusCode.OK, "\"used_bytes\":-1", 1)]
    public async Task A_fault_spoils_what_an_upstream_said_packed_or_not(string fault, string kind, HttpStatusCode http, string body, int passed)
    {
        await using var upstream = await RealUpstream.StartAsync(context =>
            context.Request.Headers["X-Polling-Caller"] == "packed" ? SendPackedAsync(context) : context.Response.WriteAsync(Answer));
        await using var gateway = await StartAsync((Upstream, upstream.Address));
        await gateway.BehaveAsync("{\"faults\":{\"" + fault + "\":1,\"rubbish_kind\":\"" + kind + "\"}}");
        foreach (var caller in new[] { "bare", "packed" })
        {
            using var response = await gateway.PostAsync("A", Asking(Iccid(1)), caller);
            var text = await TextOf(response);
            Assert.Equal(http, response.StatusCode);
            Assert.Contains(body, text, StringComparison.Ordinal);
            Assert.Equal(fault == "truncated" ? Answer.Length / 2 : text.Length, text.Length);
        }

        Assert.Equal(2 * passed, upstream.Requests.Length);
        Assert.Equal($$"""{"{{fault}}":2}""", (await gateway.GetAsync("/control/ledger/summary"))["accounts"]![0]!["faults"]!.ToJsonString());
    }

    [Fact]
    public async Task What_is_no_json_already_stays_as_it_is()
    {
        await using var upstream = await RealUpstream.StartAsync(context => context.Response.WriteAsync("no JSON"));
        await using var gateway = await StartAsync((Upstream, upstream.Address));
        await gateway.BehaveAsync("""{"faults":{"wrong_card":1}}""");
        using var response = await gateway.PostAsync("A", Asking(Iccid(1)));
        Assert.Equal("no JSON", await TextOf(response));
    }

    [Fact]
    public async Task The_same_calls_get_the_same_faults_as_without_an_upstream()
    {
        const string Faults = """{"faults":{"http_500":0.2,"other_error":0.2,"truncated":0.2}}""";
        await using var upstream = await StartAsync();
        var runs = new List<string>();
        foreach (var address in new[] { "", upstream.Address.ToString() })
        {
            await using var gateway = await StartAsync((Upstream, address));
            await gateway.BehaveAsync(Faults);
            for (var call = 0; call < 60; call++)
            {
                using var response = await gateway.PostAsync("A", Asking(Iccid(call)));
            }

            runs.Add(string.Join(',', (await gateway.LedgerAsync()).Select(call => call.GetProperty("status").GetString())));
        }

        Assert.Equal(runs[0], runs[1]);
        Assert.Equal(4, runs[0].Split(',').Distinct().Count());
    }

    [Fact]
    public async Task A_stop_whose_answer_is_lost_is_carried_out_at_the_upstream()
    {
        await using var upstream = await StartAsync();
        await using var gateway = await StartAsync((Upstream, upstream.Address.ToString()));
        await gateway.BehaveAsync("""{"faults":{"lost_answer":1,"hang_seconds":600},"pass_through":{"record_calls":10}}""");
        using var leaving = new CancellationTokenSource();
        using var stop = new HttpRequestMessage(HttpMethod.Post, "/gateway/A/suspend") { Content = new StringContent($$"""{"cards":[{"id":"{{Iccid(1)}}"}]}""") };
        stop.RequestUri = new Uri(gateway.Address, stop.RequestUri!);
        using var http = new HttpClient();
        var call = http.SendAsync(stop, leaving.Token);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while ((await upstream.StopsAsync(Iccid(1))).Length == 0)
        {
            patience.Token.ThrowIfCancellationRequested();
        }

        Assert.False(call.IsCompleted);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal("suspend", (string?)Assert.Single(await PassedAsync(gateway))["task"]);
    }

    [Fact]
    public async Task A_recorded_call_says_what_went_and_came_but_no_secret()
    {
        await using var upstream = await StartAsync();
        await using var gateway = await StartAsync((Upstream, upstream.Address.ToString()));
        await gateway.AskAsync("A", Iccid(1));
        Assert.Empty(await PassedAsync(gateway));
        await gateway.BehaveAsync("""{"pass_through":{"record_calls":10}}""");
        var token = (string)(await gateway.GetAsync("/onelink/v5/ec/get/token?appid=A&password=secret-A"))["result"]![0]!["token"]!;
        await gateway.TextAsync($"/onelink/v5/ec/query/sim-data-usage/batch?token={token}&iccids={Iccid(1)}");
        using var telecom = new HttpRequestMessage(HttpMethod.Post, "/5gcmp/openapi/v1/queryStatus") { Content = new StringContent($$"""{"iccid":"{{Iccid(1)}}","sign":"0ff"}""") };
        telecom.Headers.Add("X-App-Key", "A");
        telecom.Headers.Add("X-Sign", "signed-secretly");
        (await gateway.SendAsync(telecom)).Dispose();
        using var jasper = new HttpRequestMessage(HttpMethod.Get, $"/rws/api/v1/devices/{Iccid(1)}");
        jasper.Headers.Authorization = new("Basic", Convert.ToBase64String("A:secret-A"u8));
        (await gateway.SendAsync(jasper)).Dispose();

        var calls = await PassedAsync(gateway);
        Assert.Equal(1, (int)calls[0]["sequence"]!);
        Assert.Equal(["token", "carddata", "state", "state"], calls.Select(call => (string?)call["task"]));
        Assert.All(calls, call => Assert.Equal(("A", 200), ((string?)call["account"], (int)call["http_status"]!)));
        Assert.Equal("/onelink/v5/ec/get/token?appid=A&password=***", (string?)calls[0]["address"]);
        Assert.Equal($"/onelink/v5/ec/query/sim-data-usage/batch?token=***&iccids={Iccid(1)}", (string?)calls[1]["address"]);
        Assert.Contains(Iccid(1), (string?)calls[1]["response_body"], StringComparison.Ordinal);
        Assert.Equal($$"""{"iccid":"{{Iccid(1)}}","sign":"***"}""", (string?)calls[2]["request_body"]);
        Assert.InRange((double)calls[3]["duration_ms"]!, 0.001, 30_000);
        Assert.Equal(upstream.Address.ToString(), (string?)calls[3]["upstream"]);
        var all = await gateway.TextAsync("/control/passed-calls");
        Assert.All([token, "secret-A", "signed-secretly", "Basic", "0ff"], secret => Assert.DoesNotContain(secret, all, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Only_the_youngest_are_kept_and_the_beginning_of_each_unpacked()
    {
        await using var upstream = await RealUpstream.StartAsync(SendPackedAsync);
        await using var gateway = await StartAsync((Upstream, upstream.Address));
        await gateway.BehaveAsync("""{"pass_through":{"record_calls":3,"record_body_bytes":10}}""");
        for (var call = 0; call < 5; call++)
        {
            using var response = await gateway.PostAsync(call == 4 ? "B" : "A", Asking(Iccid(call)));
        }

        var page = await gateway.GetAsync("/control/passed-calls?limit=2");
        Assert.Equal((5, 2, 4, true), ((int)page["total_calls"]!, (int)page["dropped_calls"]!, (int)page["next_since_sequence"]!, (bool)page["has_more"]!));
        var kept = await PassedAsync(gateway);
        Assert.Equal([3, 4, 5], kept.Select(call => (int)call["sequence"]!));
        Assert.All(kept, call => Assert.Equal((Answer[..10], Answer.Length), ((string?)call["response_body"], (int)call["response_bytes"]!)));
        Assert.Equal(10, ((string?)kept[0]["request_body"])!.Length);
        Assert.Equal("B", (string?)Assert.Single((await gateway.GetAsync("/control/passed-calls?account=B"))["calls"]!.AsArray())!["account"]);
        using var deleted = await gateway.DeleteAsync("/control/passed-calls");
        Assert.Empty(await PassedAsync(gateway));
    }

    [Fact]
    public void All_that_is_kept_stays_within_its_bytes()
    {
        var calls = new PassedCalls();
        var rules = new PassThroughBehaviour { RecordCalls = 100_000, RecordBodyBytes = 65_536 };
        var context = new DefaultHttpContext();
        var body = Encoding.UTF8.GetBytes(new string('x', 65_536));
        for (var call = 0; call < 600; call++)
        {
            calls.Record(rules, new("A", "carddata", 0), new("http://x", "/"), context.Request, body, new("0", [], []), 0, TimeSpan.Zero);
        }

        Assert.InRange(calls.Read(null, 0, 1000).Calls.Count, 500, 512);
    }

    [Theory]
    [InlineData("""{"token":"abc","ttl":"3600"}""", 100, """{"token":"***","ttl":"3600"}""")]
    [InlineData("""{"access_token" : "a\"bc", "n":1}""", 100, """{"access_token" : "***", "n":1}""")]
    [InlineData("""{"password":123,"iccid":"1"}""", 100, """{"password":"***","iccid":"1"}""")]
    [InlineData("{\"iccid\":\"1\",\"Secret\":\"abcdef\"}", 25, "{\"iccid\":\"1\",\"Secret\":\"***\"")]
    [InlineData("appid=A&password=x%20y&n=1", 100, "appid=A&password=***&n=1")]
    [InlineData("token=abc&n=1", 100, "token=***&n=1")]
    [InlineData("""{"next":"http://x/?n=1&access_token=abc","n":1}""", 100, """{"next":"http://x/?n=1&access_token=***","n":1}""")]
    [InlineData("""{"assigned":"yes","design":"no"}""", 100, """{"assigned":"yes","design":"no"}""")]
    public void A_secret_is_masked_wherever_the_body_is_cut(string body, int bytes, string expected) =>
        Assert.Equal(expected, Secrets.InBody(Encoding.UTF8.GetBytes(body), bytes));

    private static async Task SendPackedAsync(HttpContext context)
    {
        context.Response.Headers.ContentEncoding = "gzip";
        await using var packed = new GZipStream(context.Response.Body, CompressionLevel.Fastest);
        await packed.WriteAsync(Encoding.UTF8.GetBytes(Answer));
    }

    private static async Task<List<JsonObject>> PassedAsync(RunningGateway gateway) =>
        [.. (await gateway.GetAsync("/control/passed-calls"))["calls"]!.AsArray().Select(call => call!.AsObject())];
}
