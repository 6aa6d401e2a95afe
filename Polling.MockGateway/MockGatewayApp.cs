using Polling.MockGateway.Cards;
using Polling.MockGateway.Clock;
using Polling.MockGateway.Control;
using Polling.MockGateway.Dialects;
using Polling.MockGateway.Ledger;
using Polling.MockGateway.PassThrough;
using Polling.MockGateway.Startup;
using Polling.MockGateway.Truth;

namespace Polling.MockGateway;

/// <summary>
/// An imitation of carriers' gateways for development and tests: it speaks their dialects, answers for any card whether it is real-named, what it has used, and which package it has,
/// stops and resumes cards, with seeded latency and faults, and keeps a ledger of every call; or it passes calls on to a real one. See docs/mock-gateway.md.
/// </summary>
public static class MockGatewayApp
{
    /// <summary>Builds the application; <paramref name="configure"/> may change the builder, for tests.</summary>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateBuilder(args);
        configure?.Invoke(builder);
        builder.AddServiceDefaults();
        builder.AddLogFile("gateway.log");
        builder.Services.AddProblemDetails();
        builder.Services.AddMockGateway();
        builder.Services.AddSingleton<WarmUp>();
        builder.Services.AddHostedService(services => services.GetRequiredService<WarmUp>());
        builder.Services.AddHealthChecks().AddCheck<WarmUp>("warm");

        var app = builder.Build();
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.MapDefaultEndpoints();
        app.MapDialects();
        app.MapLedger();
        app.MapControl();
        app.MapStops();
        app.MapPassedCalls();
        app.MapTruth();
        app.MapClock();
        return app;
    }
}
