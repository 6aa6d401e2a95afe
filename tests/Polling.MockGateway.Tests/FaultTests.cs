using System.Net;
using System.Text.Json;
using Polling.MockGateway.Control;
using Polling.MockGateway.Latency;
using static Polling.MockGateway.Tests.RunningGateway;

namespace Polling.MockGateway.Tests;

public sealed class FaultTests
{
    [Theory]
    [InlineData("http_500", HttpStatusCode.InternalServerError, "<html>", "")]
    [InlineData("other_error", HttpStatusCode.OK, "\"status\":\"19010\"", "19010")]
    [InlineData("http_429", HttpStatusCode.TooManyRequests, "\"status\":\"40000029\"", "40000029")]
    public async Task A_fault_looks_as_it_should_and_is_in_the_ledger(string fault, HttpStatusCode http, string body, string status)
    {
        await using var gateway = await StartAsync();
        await gateway.BehaveAsync("{\"faults\":{\"" + fault + "\":1}}");
        using var response = await gateway.PostAsync("A", Asking(Iccid(1)));

        Assert.Equal(http, response.StatusCode);
        Assert.Contains(body, await TextOf(response), StringComparison.Ordinal);
        var call = Assert.Single(await gateway.LedgerAsync());
        Assert.Equal((status, (int)http), (call.GetProperty("status").GetString(), call.GetProperty("http_status").GetInt32()));
        Assert.Equal(Iccid(1), call.GetProperty("cards")[0].GetProperty("id").GetString());
        var account = Assert.Single((await gateway.GetAsync("/control/ledger/summary"))["accounts"]!.AsArray())!;
        Assert.Equal($$"""{"{{fault}}":1}""", account["faults"]!.ToJsonString());
    }

    [Fact]
    public async Task A_truncated_answer_is_no_json()
    {
        await using var gateway = await StartAsync();
        await gateway.BehaveAsync("""{"faults":{"truncated":1}}""");
        using var response = await gateway.PostAsync("A", Asking(Iccid(1)));
        var text = await TextOf(response);
        Assert.ThrowsAny<JsonException>(() => { JsonDocument.Parse(text); });
        Assert.Equal("truncated", Assert.Single(await gateway.LedgerAsync()).GetProperty("status").GetString());
    }

    [Fact]
    public async Task Faults_come_in_their_share_repeat_with_the_seed_and_spare_other_accounts()
    {
        var runs = new List<string>();
        for (var run = 0; run < 2; run++)
        {
            await using var gateway = await StartAsync();
            await gateway.BehaveAsync("""{"faults":{"other_error":0.2,"http_500":0.1,"accounts":["A"]}}""");
            for (var i = 0; i < 400; i++)
            {
                using var response = await gateway.PostAsync("A", Asking(Iccid(i)));
            }

            for (var i = 0; i < 50; i++)
            {
                await gateway.AskAsync("B", Iccid(i));
            }

            runs.Add(string.Join(',', (await gateway.LedgerAsync()).Select(call => call.GetProperty("status").GetString())));
        }

        Assert.Equal(runs[0], runs[1]);
        Assert.InRange(runs[0].Split(',').Count(status => status == "19010"), 40, 120); // 80 expected, standard deviation 8.
        Assert.InRange(runs[0].Split(',').Count(status => status.Length == 0), 10, 70); // 40 expected, standard deviation 6.
    }

    [Fact]
    public async Task An_enforced_quota_refuses_what_is_over_it_in_any_second()
    {
        await using var gateway = await StartAsync();
        await gateway.BehaveAsync("""{"quotas":{"enforce":true,"calls_per_second":1000,"accounts":{"A":5}}}""");
        var codes = new List<HttpStatusCode>();
        for (var i = 0; i < 200; i++)
        {
            using var response = await gateway.PostAsync("A", Asking(Iccid(i)));
            codes.Add(response.StatusCode);
            Assert.Equal(response.StatusCode == HttpStatusCode.TooManyRequests, response.Headers.RetryAfter is not null);
        }

        await gateway.AskAsync("B", Iccid(1));
        var admitted = (await gateway.LedgerAsync("&account=A")).Where(call => call.GetProperty("http_status").GetInt32() == 200)
            .Select(call => call.GetProperty("received_at").GetDateTimeOffset()).Order().ToList();
        Assert.Equal(codes.Count(code => code == HttpStatusCode.OK), admitted.Count);
        Assert.All(admitted.Zip(admitted.Skip(5)), pair => Assert.True(pair.Second - pair.First >= TimeSpan.FromSeconds(1)));
        var account = (await gateway.GetAsync("/control/ledger/summary"))["accounts"]![0]!;
        Assert.Equal((200, 200 - admitted.Count, 5), ((int)account["calls"]!, (int)account["refused"]!, (int)account["max_admitted_per_second"]!));
        Assert.True((int)account["max_per_second"]! > 5);
    }

    [Fact]
    public void Latency_is_log_normal_capped_and_repeats()
    {
        var behaviour = new LatencyBehaviour { MedianMs = 40, Sigma = 0.5, MaxMs = 100 };
        double[] Draws() => [.. Enumerable.Range(1, 10_000).Select(call => LatencyModel.Draw(behaviour, 7, 99, call).TotalMilliseconds)];
        var drawn = Draws();
        Assert.Equal(drawn, Draws());
        Array.Sort(drawn);
        Assert.InRange(drawn[5_000], 39, 41);
        Assert.InRange(drawn[8_413], 63, 69); // One sigma up: 40 × e^0.5 = 65.9.
        Assert.Equal(100, drawn[^1]);
        Assert.Equal(TimeSpan.Zero, LatencyModel.Draw(behaviour with { Enabled = false }, 7, 99, 1));
    }
}
