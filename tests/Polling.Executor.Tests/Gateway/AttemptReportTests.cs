using Microsoft.AspNetCore.Http;
using Polling.Core.Queue.Quotas;
using Polling.Executor.Gateway;

namespace Polling.Executor.Tests.Gateway;

/// <summary>What accounts learn from how attempts end.</summary>
public class AttemptReportTests
{
    private const string Empty = """{"status":"0","results":[]}""";

    [Theory]
    [InlineData(429, "")]
    [InlineData(200, """{"status":"40000029","message":"too many calls"}""")]
    public async Task A_carrier_that_throttles_gets_fewer_calls_at_once(int httpStatus, string body)
    {
        await using var gateway = await GatewayHarness.StartAsync();
        gateway.Answer = context =>
        {
            context.Response.StatusCode = httpStatus;
            return context.Response.WriteAsync(body, context.RequestAborted);
        };
        await Assert.ThrowsAsync<GatewayException>(() => gateway.AskAsync());

        Assert.Equal("5", await gateway.CircuitAsync("limit"));
        Assert.Equal("1", await gateway.CircuitAsync("failed"));
        Assert.Null(await gateway.CircuitAsync("row"));
        Assert.Equal(0, await gateway.InFlightAsync());
    }

    [Theory]
    [InlineData(500, "", false)]
    [InlineData(200, """{"status":"19010"}""", false)]
    [InlineData(200, "<html>", true)]
    public async Task A_failed_call_counts_as_refused_or_as_no_answer(int httpStatus, string body, bool transport)
    {
        await using var gateway = await GatewayHarness.StartAsync();
        gateway.Answer = context =>
        {
            context.Response.StatusCode = httpStatus;
            return context.Response.WriteAsync(body, context.RequestAborted);
        };
        await Assert.ThrowsAsync<GatewayException>(() => gateway.AskAsync());

        Assert.Equal("1", await gateway.CircuitAsync("failed"));
        Assert.Equal(transport ? "1" : null, await gateway.CircuitAsync("row"));
        Assert.Null(await gateway.CircuitAsync("limit"));
    }

    [Fact]
    public async Task Broken_connections_open_the_circuit_and_then_nothing_leaves_this_process()
    {
        await using var gateway = await GatewayHarness.StartAsync();
        gateway.Answer = context =>
        {
            context.Abort();
            return Task.CompletedTask;
        };
        QuotaRefusedException? refused = null;
        for (var i = 0; i < 6 && refused is null; i++)
        {
            // Retries are attempts too.
            var thrown = await Record.ExceptionAsync(() => gateway.AskAsync());
            refused = thrown as QuotaRefusedException;
        }

        Assert.Equal(QuotaRefusal.Circuit, refused?.Decision.Refusal);
        Assert.InRange(refused!.Decision.RetryAfter, TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(5));
        Assert.Equal(5, gateway.Arrived.Count);
        await Assert.ThrowsAsync<QuotaRefusedException>(() => gateway.AskAsync());
        Assert.Equal(5, gateway.Arrived.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_call_that_takes_too_long_counts_against_the_carrier(bool afterTheHead)
    {
        await using var gateway = await GatewayHarness.StartAsync(totalTimeoutSeconds: 1);
        gateway.Answer = context => HangAsync(context, afterTheHead, () => { });
        await Assert.ThrowsAsync<GatewayException>(() => gateway.AskAsync());

        Assert.Equal("1", await gateway.CircuitAsync("row"));
        Assert.Equal(0, await gateway.InFlightAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_call_that_this_process_gives_up_says_nothing_about_the_carrier(bool afterTheHead)
    {
        await using var gateway = await GatewayHarness.StartAsync();
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        gateway.Answer = context => HangAsync(context, afterTheHead, giveUp.Cancel);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gateway.AskAsync(giveUp: giveUp));

        Assert.Null(await gateway.CircuitAsync("calls"));
        Assert.Equal(0, await gateway.InFlightAsync());
    }

    [Fact]
    public async Task An_answer_counts_as_a_success_with_its_latency()
    {
        await using var gateway = await GatewayHarness.StartAsync();
        gateway.Answer = context => context.Response.WriteAsync(Empty, context.RequestAborted);
        await gateway.AskAsync();

        Assert.Equal("1", await gateway.CircuitAsync("calls"));
        Assert.Null(await gateway.CircuitAsync("failed"));
        Assert.NotNull(await gateway.CircuitAsync("latency_us"));
    }

    [Fact]
    public async Task A_grant_that_comes_too_late_is_asked_for_anew()
    {
        await using var gateway = await GatewayHarness.StartAsync();
        gateway.Answer = context => context.Response.WriteAsync(Empty, context.RequestAborted);
        await gateway.Redis.ExecuteAsync("CLIENT", "PAUSE", (int)(3 * QuotaGate.Margin).TotalMilliseconds);
        await gateway.AskAsync();

        Assert.Single(gateway.Arrived);
        Assert.InRange(await gateway.ChargedAsync(), 2, 3);
        Assert.Equal(0, await gateway.InFlightAsync());
        Assert.Equal("1", await gateway.CircuitAsync("calls"));
    }

    private static async Task HangAsync(HttpContext context, bool afterTheHead, Action then)
    {
        if (afterTheHead)
        {
            await context.Response.WriteAsync("{", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }

        then();
        await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
    }
}
