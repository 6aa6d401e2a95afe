using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using static Polling.MockGateway.Tests.RunningGateway;

namespace Polling.MockGateway.Tests;

/// <summary>In front of a real upstream: calls and answers pass as they are.</summary>
public sealed class PassThroughTests
{
    private const string Answer = """{"status":"0","message":"ok","resultCode":"0"}""";

    private const string Trace = "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    public static TheoryData<string, string, string, string> Calls => new()
    {
        { "POST", "/gateway/A/carddata", Trace, """{"cards":[{"id":"89860000000000000001"}]}""" },
        { "POST", "/gateway/A/suspend", "Idempotency-Key: 4711", "this is no JSON" },
        { "GET", "/onelink/v5/ec/get/token?appid=A&password=real%2Fsecret&transid=1", "X-Custom: yes", "" },
        { "GET", "/onelink/v5/ec/query/sim-data-usage/batch?transid=2&token=a%20b~c&iccids=89860000000000000001_89860000000000000002", "Accept: text/plain", "" },
        { "POST", "/5gcmp/openapi/v1/stopCard", "X-App-Key: A|X-Timestamp: 1700000000000|X-Sign: 00ff", """{"iccid":"89860000000000000001","requestId":"7"}""" },
        { "GET", "/rws/api/v1/devices/8986%20x/usageInZone?cycleStartDate=2026-09-27", "Authorization: Basic QTpyZWFs", "" },
        { "PUT", "/rws/api/v1/devices/89860000000000000001", "Authorization: Basic QTpyZWFs|Cookie: a=b", """{"status":"DEACTIVATED"}""" },
    };

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task A_call_and_its_answer_pass_to_the_letter(string method, string address, string headers, string body)
    {
        await using var upstream = await RealUpstream.StartAsync(context =>
        {
            context.Response.StatusCode = 302;
            context.Response.Headers.Location = "/elsewhere";
            context.Response.Headers.SetCookie = "session=1";
            context.Response.Headers["X-Carrier"] = "real";
            context.Response.ContentType = "application/json;charset=iso-8859-1";
            return context.Response.WriteAsync(Answer);
        });
        await using var gateway = await StartAsync(("MockGateway:Behaviour:PassThrough:Upstream", upstream.Address));
        using var straight = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = new(upstream.Address) };
        var answers = new List<string>();
        foreach (var target in new[] { straight.BaseAddress, gateway.Address, gateway.Address })
        {
            using var request = new HttpRequestMessage(new(method), new Uri(target, address))
            {
                Content = body.Length == 0 ? new ByteArrayContent([]) : new StringContent(body),
            };
            request.Headers.Add("X-Polling-Caller", "executor-1");
            foreach (var header in headers.Split('|'))
            {
                request.Headers.TryAddWithoutValidation(header.Split(": ")[0], header.Split(": ")[1]);
            }

            using var response = await straight.SendAsync(request, TestContext.Current.CancellationToken);
            response.Headers.Date = null;
            response.Headers.TransferEncodingChunked = null;
            answers.Add($"{(int)response.StatusCode}\n{response.Headers}{response.Content.Headers.ContentType}\n{await TextOf(response)}");
        }

        // No redirect was followed, no cookie kept, and no request of the start's own came.
        Assert.Equal(3, upstream.Requests.Length);
        Assert.Equal(upstream.Requests[0], upstream.Requests[1]);
        Assert.Equal(upstream.Requests[0], upstream.Requests[2]);
        Assert.Contains("session=1", answers[0], StringComparison.Ordinal);
        Assert.Equal(answers[0], answers[1]);
        Assert.Equal(answers[1], answers[2]);
    }

    [Fact]
    public async Task Before_an_account_of_its_own_root_the_rest_is_simulated()
    {
        await using var upstream = await RealUpstream.StartAsync(context => context.Response.WriteAsync(Answer));
        await using var gateway = await StartAsync();
        await gateway.BehaveAsync($$"""{"pass_through":{"upstream":"","accounts":{"A":"{{upstream.Address}}/v5/ec/"} } }""");
        await gateway.TextAsync("/onelink/v5/ec/get/token?appid=A&password=x");
        Assert.Contains("12004", await gateway.TextAsync("/onelink/v5/ec/get/token?appid=B&password=x"), StringComparison.Ordinal);
        await gateway.AskAsync("B", Iccid(1));
        await gateway.BehaveAsync($$"""{"pass_through":{"upstream":"{{upstream.Address}}","accounts":{"A":""} } }""");
        await gateway.AskAsync("A", Iccid(1));
        Assert.Equal("GET /v5/ec/get/token?appid=A&password=x", Assert.Single(upstream.Requests).Split('\n')[0]);
    }

    [Fact]
    public async Task Calls_of_another_gateway_are_in_both_ledgers_and_a_token_tells_whose_it_is()
    {
        await using var upstream = await StartAsync(("MockGateway:Seed", "7"), ("MockGateway:Behaviour:Access:Secrets:A", "real"));
        await using var gateway = await StartAsync(("MockGateway:Behaviour:PassThrough:Upstream", upstream.Address.ToString()));
        var token = (string)(await gateway.GetAsync("/onelink/v5/ec/get/token?appid=A&password=real"))["result"]![0]!["token"]!;
        var address = $"/onelink/v5/ec/query/sim-data-usage/batch?token={Uri.EscapeDataString(token)}&iccids={Iccid(1)}_{Iccid(2)}";
        Assert.Equal(await upstream.TextAsync(address), await gateway.TextAsync(address));
        Assert.Equal("12021", (string?)(await gateway.GetAsync(address.Replace("token=", "token=x", StringComparison.Ordinal)))["status"]);

        var (own, real) = (await gateway.LedgerAsync(), await upstream.LedgerAsync());
        Assert.Equal([("A", "token", "0", 0), ("A", "carddata", "0", 2), ("unknown", "carddata", "12021", 2)], own.Select(Told));
        Assert.Equal([("A", "token", "0", 0), ("A", "carddata", "0", 2), ("A", "carddata", "0", 2), ("unknown", "carddata", "12021", 0)], real.Select(Told));
        Assert.Equal(Iccid(2), own[1].GetProperty("cards")[1].GetProperty("id").GetString());

        static (string?, string?, string?, int) Told(System.Text.Json.JsonElement call) => (
            call.GetProperty("account").GetString(), call.GetProperty("task").GetString(), call.GetProperty("status").GetString(), call.GetProperty("card_count").GetInt32());
    }

    [Fact]
    public async Task The_quota_is_counted_before_the_upstream_is_asked()
    {
        await using var upstream = await RealUpstream.StartAsync(context => context.Response.WriteAsync(Answer));
        var clock = new FakeTimeProvider();
        await using var gateway = await StartAsync(services => services.AddSingleton<TimeProvider>(clock), ("MockGateway:Behaviour:PassThrough:Upstream", upstream.Address));
        await gateway.BehaveAsync("""{"quotas":{"enforce":true,"accounts":{"A":2}}}""");
        var codes = new List<HttpStatusCode>();
        for (var call = 0; call < 4; call++)
        {
            using var response = await gateway.PostAsync("A", Asking(Iccid(1)));
            codes.Add(response.StatusCode);
            clock.Advance(call == 2 ? TimeSpan.FromSeconds(1) : TimeSpan.Zero);
        }

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.TooManyRequests, HttpStatusCode.OK], codes);
        Assert.Equal(3, upstream.Requests.Length);
        var account = (await gateway.GetAsync("/control/ledger/summary"))["accounts"]![0]!;
        Assert.Equal((3, 2, 1), ((int)account["max_per_second"]!, (int)account["max_admitted_per_second"]!, (int)account["refused"]!));
    }

    [Fact]
    public async Task An_upstream_that_is_down_silent_slow_endless_or_the_gateway_itself_becomes_a_gateways_error_in_bounded_time()
    {
        await using var endless = await RealUpstream.StartAsync(async context =>
        {
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.WriteAsync(new string(' ', 1 << 20));
            }
        });
        await using var dripping = await RealUpstream.StartAsync(async context =>
        {
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.WriteAsync(" ");
                await context.Response.Body.FlushAsync();
                await Task.Delay(50);
            }
        });
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        using var down = new TcpListener(IPAddress.Loopback, 0);
        down.Start();
        var nobody = down.LocalEndpoint;
        down.Stop();
        await using var gateway = await StartAsync();
        var watch = Stopwatch.StartNew();
        await ExpectAsync($"http://{nobody}", HttpStatusCode.BadGateway, $"the upstream http://{nobody} gave no answer: Connection refused", "upstream_failed");
        await ExpectAsync($"http://{silent.LocalEndpoint}", HttpStatusCode.GatewayTimeout, "did not answer within 0.3 s", "upstream_timeout");
        await ExpectAsync(dripping.Address, HttpStatusCode.GatewayTimeout, "did not answer within 0.3 s", "upstream_timeout");
        await ExpectAsync(endless.Address, HttpStatusCode.BadGateway, "longer than 16777216 bytes", "upstream_failed", timeout: "20");
        await ExpectAsync($"http://localhost:{gateway.Address.Port}", HttpStatusCode.LoopDetected, "is this gateway itself", "loop");
        Assert.InRange(watch.Elapsed, TimeSpan.FromSeconds(0.3), TimeSpan.FromSeconds(20));

        async Task ExpectAsync(string upstream, HttpStatusCode expected, string detail, string status, string timeout = "0.3")
        {
            await gateway.BehaveAsync($$"""{"pass_through":{"timeout_seconds":{{timeout}},"accounts":{"A":"{{upstream}}"} } }""");
            using var response = await gateway.PostAsync("A", Asking(Iccid(1)));
            Assert.Equal((expected, "application/problem+json"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
            Assert.Contains(detail, (string?)(await JsonOf(response))["detail"], StringComparison.Ordinal);
            var call = (await gateway.LedgerAsync())[^1];
            Assert.Equal((status, (int)expected), (call.GetProperty("status").GetString(), call.GetProperty("http_status").GetInt32()));
        }
    }

    [Fact]
    public async Task A_long_answer_passes_whole_and_a_bare_error_bare()
    {
        await using var upstream = await RealUpstream.StartAsync(context =>
        {
            context.Response.StatusCode = context.Request.Path.Value!.Contains("/A/", StringComparison.Ordinal) ? 200 : 404;
            return context.Response.StatusCode == 200 ? context.Response.WriteAsync(new string('x', 15 << 20)) : context.Response.Body.FlushAsync();
        });
        await using var gateway = await StartAsync(("MockGateway:Behaviour:PassThrough:Upstream", upstream.Address));
        using var answer = await gateway.PostAsync("A", Asking(Iccid(1)));
        Assert.Equal(new string('x', 15 << 20), await TextOf(answer));
        using var error = await gateway.PostAsync("B", Asking(Iccid(1)));
        Assert.Equal((HttpStatusCode.NotFound, ""), (error.StatusCode, await TextOf(error)));
    }

    [Fact]
    public async Task A_request_that_is_too_long_is_refused_and_not_passed()
    {
        await using var upstream = await RealUpstream.StartAsync(context => context.Response.WriteAsync(Answer));
        await using var gateway = await StartAsync(("MockGateway:Behaviour:PassThrough:Upstream", upstream.Address));
        using var response = await gateway.PostTextAsync("A", new string(' ', (16 << 20) + 1));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Empty(upstream.Requests);
    }
}
