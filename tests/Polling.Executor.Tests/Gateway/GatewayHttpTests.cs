using Microsoft.AspNetCore.Http;
using Polling.Core.Cards;
using Polling.Core.Carriers;
using Polling.Core.Configuration;
using Polling.Core.Queue.Quotas;
using Polling.Executor.Dialects;
using Polling.Executor.Gateway;

namespace Polling.Executor.Tests.Gateway;

public class GatewayHttpTests
{
    [Fact]
    public async Task Answers_are_found_by_number_and_the_attempt_has_ended()
    {
        await using var gateway = await GatewayHarness.StartAsync();
        gateway.Answer = context => context.Response.WriteAsync(
            """{"status":"0","results":[{"id":"89860000000000000001","status":"0","real_name":true},{"id":"89860000000000000002","status":"12009"}]}""");
        var answers = await gateway.AskAsync();

        Assert.Equal((RealNameStatus.RealNamed, null), (answers[0].Value, answers[0].Error));
        Assert.Equal(["12009", "no_answer"], answers.Skip(1).Select(answer => answer.Error));
        Assert.Equal("/gateway/demo/realname", Assert.Single(gateway.Arrived));
        Assert.Equal(1, await gateway.ChargedAsync());
        Assert.Equal(0, await gateway.InFlightAsync());
    }

    [Theory]
    [InlineData("<html>502 Bad Gateway</html>", "bad_json")]
    [InlineData("""{"status":"0","results":[{"id":"8986""", "bad_json")]
    [InlineData("""{"status":"19010","message":"other"}""", "19010")]
    [InlineData("""{"results":[]}""", "no_status")]
    [InlineData("", "bad_json")]
    [InlineData("null", "no_status")]
    public async Task Rubbish_fails_the_call_with_a_code(string body, string code)
    {
        await using var gateway = await GatewayHarness.StartAsync();
        gateway.Answer = context => context.Response.WriteAsync(body);
        Assert.Equal(code, (await Assert.ThrowsAsync<GatewayException>(() => gateway.AskAsync())).Code);
        Assert.Equal(0, await gateway.InFlightAsync());
    }

    [Fact]
    public async Task A_body_of_ten_megabytes_is_not_read()
    {
        await using var gateway = await GatewayHarness.StartAsync();
        gateway.Answer = async context =>
        {
            var block = new byte[64 * 1024];
            for (var i = 0; i < 160 && !context.RequestAborted.IsCancellationRequested; i++)
            {
                await context.Response.Body.WriteAsync(block, context.RequestAborted);
            }
        };
        Assert.Equal("too_long", (await Assert.ThrowsAsync<GatewayException>(() => gateway.AskAsync())).Code);
    }

    [Fact]
    public async Task An_http_error_is_not_tried_again_but_a_broken_connection_is_and_each_attempt_is_charged()
    {
        await using var gateway = await GatewayHarness.StartAsync();
        gateway.Answer = context =>
        {
            context.Response.StatusCode = 503;
            return Task.CompletedTask;
        };
        Assert.Equal("http_503", (await Assert.ThrowsAsync<GatewayException>(() => gateway.AskAsync())).Code);
        Assert.Single(gateway.Arrived);

        gateway.Answer = context =>
        {
            context.Abort();
            return Task.CompletedTask;
        };
        Assert.Equal("connection", (await Assert.ThrowsAsync<GatewayException>(() => gateway.AskAsync())).Code);
        Assert.Equal(3, gateway.Arrived.Count);
        Assert.Equal(3, gateway.Sent);
        Assert.Equal(0, await gateway.InFlightAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_gateway_that_hangs_is_given_up_after_the_total_timeout(bool afterTheHead)
    {
        await using var gateway = await GatewayHarness.StartAsync(totalTimeoutSeconds: 1);
        gateway.Answer = async context =>
        {
            if (afterTheHead)
            {
                await context.Response.WriteAsync("{", context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }

            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        };
        Assert.Equal("timeout", (await Assert.ThrowsAsync<GatewayException>(() => gateway.AskAsync())).Code);
        Assert.Equal(0, await gateway.InFlightAsync());
    }

    [Fact]
    public async Task What_the_account_refuses_never_leaves_this_process()
    {
        await using var gateway = await GatewayHarness.StartAsync(callsPerSecond: 1);
        gateway.Answer = context => context.Response.WriteAsync("""{"status":"0","results":[]}""");
        await gateway.AskAsync();
        var refused = await Assert.ThrowsAsync<QuotaRefusedException>(() => gateway.AskAsync());

        Assert.Equal(QuotaRefusal.Rate, refused.Decision.Refusal);
        Assert.Single(gateway.Arrived);
    }

    [Fact]
    public async Task With_too_little_of_the_lease_left_nothing_is_sent_or_charged()
    {
        await using var gateway = await GatewayHarness.StartAsync();
        await Assert.ThrowsAsync<LeaseTooShortException>(() => gateway.AskAsync(leaseLeft: TimeSpan.Zero));

        Assert.Empty(gateway.Arrived);
        Assert.Equal(0, await gateway.ChargedAsync());
    }

    /// <summary>A GET has no body, so the HTTP client may send it again by itself on a connection that the server has closed: charged to nobody.</summary>
    [Theory]
    [InlineData(CarrierDialect.Jasper)]
    [InlineData(CarrierDialect.Telecom)]
    public async Task What_arrives_at_the_carrier_has_been_charged_also_on_kept_connections_that_are_closed(CarrierDialect dialect)
    {
        await using var gateway = await GatewayHarness.StartAsync();
        await using var server = new ClosingServer();
        gateway.Elsewhere = server.Address;
        for (var i = 0; i < 3; i++)
        {
            await gateway.CheckAsync(TaskType.Realname, dialect, cards: 1);
        }

        // The last two of the three each found a connection that was then closed, and were tried once more.
        Assert.InRange(server.Requests, 4, gateway.Sent);
    }

    [Theory]
    [InlineData(CarrierDialect.Plain)]
    [InlineData(CarrierDialect.OneLink)]
    [InlineData(CarrierDialect.Telecom)]
    [InlineData(CarrierDialect.Jasper)]
    public async Task A_change_whose_connection_breaks_is_sent_once_and_ambiguous(CarrierDialect dialect)
    {
        await using var gateway = await GatewayHarness.StartAsync();
        gateway.Answer = context => context.Response.WriteAsync("""{"status":"0","result":[{"token":"t","ttl":"3600"}]}""");
        await gateway.CheckAsync(TaskType.Realname, dialect, cards: 1);
        var before = gateway.Arrived.Count;
        gateway.Answer = context =>
        {
            context.Abort();
            return Task.CompletedTask;
        };
        var failed = await Assert.ThrowsAsync<GatewayException>(() => gateway.StopAsync(dialect));
        Assert.Equal(("connection", GatewayOutcome.Ambiguous), (failed.Code, failed.Outcome));
        Assert.Equal(before + 1, gateway.Arrived.Count);
        Assert.Equal(gateway.Arrived.Count, gateway.Sent);
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        await using var gateway = await GatewayHarness.StartAsync();
        gateway.Answer = context =>
        {
            context.Response.Redirect("/elsewhere");
            return Task.CompletedTask;
        };
        Assert.Equal("http_302", (await Assert.ThrowsAsync<GatewayException>(() => gateway.AskAsync())).Code);
        Assert.Single(gateway.Arrived);
    }
}
