using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Polling.MockGateway.Ledger;
using Polling.MockGateway.Quotas;

namespace Polling.MockGateway.Startup;

/// <summary>
/// Sends this process some requests of each kind before it is ready. The first ones find nothing compiled: they take half a second, and those that come meanwhile are counted
/// together at its end, so that a caller who kept his quota would seem to have exceeded it.
/// </summary>
internal sealed partial class WarmUp(
    IServer server, IEnumerable<EndpointDataSource> endpoints, CallLedger ledger, CarrierAccounts accounts, ILogger<WarmUp> logger)
    : IHostedLifecycleService, IHealthCheck
{
    private const int AtOnce = 8;
    private const int Rounds = 3;

    // No account has it, so nothing is answered and no latency or fault is drawn.
    private const string Nobody = "~";
    private const string MarkHeader = "X-Mock-Gateway-Warm-Up";

    // Only this process knows it.
    private static readonly string Mark = Guid.NewGuid().ToString("N");
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private volatile bool _isWarm;

    /// <summary>Whether a request is one of these: an upstream must not get it.</summary>
    public static bool Sent(HttpRequest request) => request.Headers.TryGetValue(MarkHeader, out var mark) && mark == Mark;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(_isWarm ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("still warming up"));

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>The server listens.</summary>
    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        try
        {
            await AskAsync(cancellationToken);
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            // Then the first requests are slow.
            LogCold(logger, e.Message);
        }

        // What came to the account that calls without a good token are counted to.
        ledger.Reset();
        accounts.Reset();
        _isWarm = true;
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task AskAsync(CancellationToken cancellation)
    {
        if (server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() is not { } address)
        {
            return;
        }

        var own = new UriBuilder(BindingAddress.Parse(address).Scheme, "127.0.0.1", BindingAddress.Parse(address).Port).Uri;
        using var http = new HttpClient { BaseAddress = own, Timeout = Patience };
        var routes = endpoints.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Where(endpoint => !endpoint.RoutePattern.RawText!.StartsWith("/control", StringComparison.Ordinal))
            .SelectMany(endpoint => (endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? []).Select(method => (method, Path: PathOf(endpoint))))
            .ToArray();
        for (var round = 0; round < Rounds; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(async caller =>
            {
                foreach (var (method, path) in routes)
                {
                    using var request = new HttpRequestMessage(new HttpMethod(method), path);
                    request.Headers.Add(MarkHeader, Mark);
                    using var response = await http.SendAsync(request, cancellation);
                }
            }));
        }
    }

    private static string PathOf(RouteEndpoint endpoint) =>
        string.Join('/', endpoint.RoutePattern.PathSegments.Select(segment => segment.IsSimple && segment.Parts[0].IsParameter ? Nobody
            : string.Concat(segment.Parts.OfType<Microsoft.AspNetCore.Routing.Patterns.RoutePatternLiteralPart>().Select(part => part.Content))));

    [LoggerMessage(Level = LogLevel.Warning, Message = "The gateway could not warm itself up: {Reason}")]
    private static partial void LogCold(ILogger logger, string reason);
}
