using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using Polling.Core.Carriers;
using Polling.Core.Configuration;
using Polling.Core.Queue.Quotas;
using Polling.Executor.Gateway;

namespace Polling.Executor.Tests.Gateway;

/// <summary>A request that waited for its connection is sent by a grant of the moment when it is sent.</summary>
public class ColdConnectionTests(ITestOutputHelper output)
{
    private const int CallsPerSecond = 20;
    private const int Callers = 50;
    private const int TriesMax = 5;
    private const string Empty = """{"status":"0","results":[]}""";
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    // So long that each request needs a connection of its own.
    private static readonly TimeSpan AnswerTime = TimeSpan.FromMilliseconds(300);

    /// <summary>As when an executor starts: none of its connections is there, and the carrier's server is slow to open them.</summary>
    [Theory]
    [InlineData(300, 700)] // Within the second of the grant.
    [InlineData(1_150, 1_500)] // Beyond it: others were granted its place meanwhile.
    public async Task No_second_has_more_requests_at_the_carrier_than_permitted_though_connections_open_slowly(int shortestMs, int longestMs)
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var arrivals = new ConcurrentQueue<long>();
        await using var gateway = await GatewayHarness.StartAsync(CallsPerSecond, maxInFlight: 2 * Callers, handshake: () =>
        {
            lock (random)
            {
                return TimeSpan.FromMilliseconds(random.Next(shortestMs, longestMs));
            }
        });
        gateway.Answer = async context =>
        {
            arrivals.Enqueue(TimeProvider.System.GetTimestamp());
            context.Response.Headers.Connection = arrivals.Count == 1 ? "close" : "keep-alive";
            await Task.Delay(AnswerTime, context.RequestAborted);
            await context.Response.WriteAsync(Empty, context.RequestAborted);
        };

        // This process and the server are compiled, on a connection that ends then.
        await gateway.AskAsync();
        arrivals.Clear();
        arrivals.Enqueue(0);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var pulse = Pulse.LongestStallAsync(ended.Token);
        ended.CancelAfter(TimeSpan.FromSeconds(5));
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => SendAsync(gateway, ended.Token)));

        var times = arrivals.Skip(1).Order().ToArray();
        var most = times.Max(from => times.Count(at => at >= from && TimeProvider.System.GetElapsedTime(from, at) < Second));

        // The margin covers a tenth of a second. What this machine held up for longer arrives together with what was granted after it.
        var allowed = CallsPerSecond * (int)Math.Ceiling((Second + await pulse) / QuotaGate.Window);
        output.WriteLine($"{times.Length} requests, {most} in one second of {allowed}, {gateway.Sent} attempts");
        Assert.InRange(most, CallsPerSecond / 2, allowed);
        Assert.True(times.Length >= 2 * CallsPerSecond, $"Only {times.Length} requests arrived.");
        Assert.Equal(0, await gateway.InFlightAsync());
    }

    /// <summary>A request without a body, too, has a content that the HTTP client asks for when it has its connection.</summary>
    [Theory]
    [InlineData(CarrierDialect.Jasper, 500, 1)]
    [InlineData(CarrierDialect.Plain, 500, 1)]
    [InlineData(CarrierDialect.Jasper, 1_300, 2)]
    public async Task A_grant_is_moved_within_its_second_and_asked_for_anew_after_it(CarrierDialect dialect, int handshakeMs, int attempts)
    {
        var name = "";
        for (var tries = 0; tries < TriesMax && !name.EndsWith($"#{attempts}", StringComparison.Ordinal); tries++)
        {
            // A busy machine takes longer over a grant than it holds, and asks for another: then it says nothing.
            name = await SentAttemptAsync(dialect, handshakeMs);
            output.WriteLine(name);
        }

        Assert.EndsWith($"#{attempts}", name);
    }

    [Fact]
    public async Task What_the_account_refuses_when_the_connection_is_there_is_not_sent()
    {
        GatewayHarness? started = null;
        await using var gateway = started = await GatewayHarness.StartAsync(handshake: () =>
        {
            started!.Pause();
            return TimeSpan.FromMilliseconds(1_300);
        });
        Assert.Equal(QuotaRefusal.Paused, (await Assert.ThrowsAsync<QuotaRefusedException>(() => gateway.AskAsync())).Decision.Refusal);
        Assert.Empty(gateway.Arrived);
        Assert.Equal(0, await gateway.InFlightAsync());
        Assert.Null(await gateway.CircuitAsync("calls"));
    }

    // The name of the one attempt that was sent, after its connection was there.
    private static async Task<string> SentAttemptAsync(CarrierDialect dialect, int handshakeMs)
    {
        await using var gateway = await GatewayHarness.StartAsync(handshake: () => TimeSpan.FromMilliseconds(handshakeMs));
        var granted = DateTimeOffset.UnixEpoch;
        var names = Array.Empty<string>();
        gateway.Answer = async context =>
        {
            (names, granted) = await gateway.LastGrantAsync();
            await context.Response.WriteAsync("{}", context.RequestAborted);
        };
        var started = TimeProvider.System.GetUtcNow();
        await gateway.CheckAsync(TaskType.Realname, dialect, cards: 1);

        Assert.Single(gateway.Arrived);
        Assert.True(granted >= started + TimeSpan.FromMilliseconds(handshakeMs), $"granted {granted - started} after the beginning");
        Assert.Equal("1", await gateway.CircuitAsync("calls"));
        Assert.Equal(0, await gateway.InFlightAsync());
        return Assert.Single(names);
    }

    private static async Task SendAsync(GatewayHarness gateway, CancellationToken ended)
    {
        while (!ended.IsCancellationRequested)
        {
            try
            {
                await gateway.AskAsync();
            }
            catch (QuotaRefusedException e)
            {
                await Task.Delay(e.Decision.RetryAfter, CancellationToken.None);
            }
            catch (GrantTooOldException)
            {
                // A slow machine; the next one is sent.
            }
        }
    }
}
