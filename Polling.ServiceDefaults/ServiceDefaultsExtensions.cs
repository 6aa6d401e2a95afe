using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Polling.ServiceDefaults.Health;
using Polling.ServiceDefaults.Logs;
using Polling.ServiceDefaults.Production;
using Polling.ServiceDefaults.Telemetry;

namespace Polling.ServiceDefaults;

/// <summary>What every service of the system has: telemetry, health, service discovery, logs, and what it refuses in production.</summary>
public static class ServiceDefaultsExtensions
{
    // With the last telemetry, which may take some seconds where nobody takes it, it ends within the 30 s that Kubernetes gives.
    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(20);

    /// <summary>
    /// Adds OpenTelemetry (see docs/telemetry.md), health checks, service discovery for every <see cref="HttpClient"/> and console
    /// logs; outside development it refuses settings that are for development only. Resilience is not forced onto every client: a retry where nobody expects one would charge a carrier's quota
    /// twice, so a client that wants it says so.
    /// </summary>
    public static TBuilder AddServiceDefaults<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        builder.Services.AddSingleton<IStartupCheck, ProductionCheck>();
        builder.Services.Configure<HostOptions>(static host => host.ShutdownTimeout = StopWithin);
        LogSetup.AddConsole(builder);
        TelemetrySetup.Add(builder);
        builder.Services.AddHealthChecks().AddCheck("self", static () => HealthCheckResult.Healthy(), [HealthEndpoints.LiveTag]);
        builder.Services.AddServiceDiscovery();
        builder.Services.ConfigureHttpClientDefaults(static http => http.AddServiceDiscovery());
        return builder;
    }

    /// <summary>Maps <c>/health</c> (ready for work) and <c>/alive</c> (running) in every environment.</summary>
    public static WebApplication MapDefaultEndpoints(this WebApplication app)
    {
        HealthEndpoints.Map(app);
        return app;
    }
}
