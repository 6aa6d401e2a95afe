using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Polling.ServiceDefaults.Health;

namespace Polling.ServiceDefaults.Telemetry;

/// <summary>
/// Traces, metrics and logs over OTLP. Where no <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is given nobody listens, and then no
/// provider is built: spans and measurements cost next to nothing.
/// </summary>
internal static class TelemetrySetup
{
    public static void Add(IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<TelemetryOptions>, TelemetryOptionsValidator>();
        builder.Services.AddOptions<TelemetryOptions>().BindConfiguration(TelemetryOptions.Section).ValidateOnStart();

        // What is watched applies to any provider, ours or one that a test adds; see the table in docs/telemetry.md.
        builder.Services.ConfigureOpenTelemetryTracerProvider(tracing => tracing
            .AddSource("Polling", "Polling.*")
            .AddNpgsql()
            .AddAspNetCoreInstrumentation(http => http.Filter = context => !HealthEndpoints.IsHealthPath(context.Request.Path))
            .AddHttpClientInstrumentation());
        builder.Services.ConfigureOpenTelemetryTracerProvider((services, tracing) => tracing.Sample(services));
        builder.Services.ConfigureOpenTelemetryMeterProvider(metrics => metrics
            .AddMeter("Polling", "Polling.*", "Npgsql")
            .AddAspNetCoreInstrumentation()
            .AddHttpClientInstrumentation()
            .AddRuntimeInstrumentation());

        if (string.IsNullOrWhiteSpace(builder.Configuration[TelemetryOptionsValidator.EndpointKey]))
        {
            return;
        }

        builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => Identify(resource, builder))
            .WithTracing()
            .WithMetrics()
            .WithLogging(
                logging => logging.AddProcessor(new SubscriberMaskProcessor()),
                options =>
                {
                    options.IncludeFormattedMessage = true;
                    options.IncludeScopes = true;
                })
            .UseOtlpExporter();
    }

    private static void Identify(ResourceBuilder resource, IHostApplicationBuilder builder)
    {
        var given = builder.Configuration["OTEL_RESOURCE_ATTRIBUTES"] ?? "";
        var version = Assembly.GetEntryAssembly()?.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
        resource.AddService(
            ServiceIdentity.NameOf(builder),
            serviceVersion: version,
            autoGenerateServiceInstanceId: !given.Contains("service.instance.id=", StringComparison.Ordinal));
    }

    private static TracerProviderBuilder Sample(this TracerProviderBuilder tracing, IServiceProvider services)
    {
        var configuration = services.GetRequiredService<IConfiguration>();
        var ratio = services.GetRequiredService<IOptions<TelemetryOptions>>().Value.SamplingRatio
            ?? (services.GetRequiredService<IHostEnvironment>().IsDevelopment() ? 1 : TelemetryOptions.ProductionRatio);
        return tracing.SetSampler(new QuietClientSampler(
            Named(configuration[TelemetryOptionsValidator.SamplerKey], configuration[TelemetryOptionsValidator.SamplerArgumentKey])
            ?? new ParentBasedSampler(new TraceIdRatioBasedSampler(ratio))));
    }

    // The SDK reads these standard variables only when no sampler is set in code.
    private static Sampler? Named(string? name, string? argument)
    {
        var ratio = double.TryParse(argument, CultureInfo.InvariantCulture, out var given) ? given : 1;
        return name?.ToLowerInvariant() switch
        {
            "always_on" => new AlwaysOnSampler(),
            "always_off" => new AlwaysOffSampler(),
            "traceidratio" => new TraceIdRatioBasedSampler(ratio),
            "parentbased_always_on" => new ParentBasedSampler(new AlwaysOnSampler()),
            "parentbased_always_off" => new ParentBasedSampler(new AlwaysOffSampler()),
            "parentbased_traceidratio" => new ParentBasedSampler(new TraceIdRatioBasedSampler(ratio)),
            _ => null,
        };
    }
}
