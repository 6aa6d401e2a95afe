using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Trace;

namespace Polling.ServiceDefaults.Tests;

/// <summary>How many traces are recorded, by the settings that docs/telemetry.md names.</summary>
public sealed class SamplingTests
{
    private const int Traces = 4_000;
    private static readonly ActivitySource Source = new("Polling.Sampling");

    // Of a quarter, 7 standard deviations are 190.
    [Theory]
    [InlineData("Production", "", "", "", 0, 120)]
    [InlineData("Development", "", "", "", Traces, Traces)]
    [InlineData("Production", "0.25", "", "", 800, 1_200)]
    [InlineData("Production", "", "always_on", "", Traces, Traces)]
    [InlineData("Development", "1", "always_off", "", 0, 0)]
    [InlineData("Development", "1", "traceidratio", "0.25", 800, 1_200)]
    [InlineData("Development", "1", "parentbased_traceidratio", "0.25", 800, 1_200)]
    public async Task So_many_traces_are_recorded(string environment, string ratio, string sampler, string argument, int least, int most)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = environment });
        builder.Configuration["Polling:Telemetry:SamplingRatio"] = ratio.Length > 0 ? ratio : null;
        builder.Configuration["OTEL_TRACES_SAMPLER"] = sampler;
        builder.Configuration["OTEL_TRACES_SAMPLER_ARG"] = argument;
        builder.AddServiceDefaults();
        builder.Services.AddOpenTelemetry().WithTracing();
        await using var app = builder.Build();
        app.Services.GetRequiredService<TracerProvider>();

        Assert.InRange(Enumerable.Range(0, Traces).Count(_ => IsRecorded()), least, most);
    }

    private static bool IsRecorded()
    {
        Activity.Current = null;
        using var trace = Source.StartActivity("work");
        return trace?.Recorded == true;
    }
}
