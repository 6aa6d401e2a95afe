using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Polling.ServiceDefaults.Telemetry;

/// <summary>Section <c>Polling:Telemetry</c>.</summary>
public sealed class TelemetryOptions
{
    public const string Section = "Polling:Telemetry";

    /// <summary>Share of new traces recorded outside development: one in a hundred keeps full load affordable.</summary>
    public const double ProductionRatio = 0.01;

    /// <summary>
    /// Share of new traces that are recorded, 0 to 1. A caller's decision is followed either way. Unset: 1 in development, else
    /// <see cref="ProductionRatio"/>. The standard <c>OTEL_TRACES_SAMPLER</c> goes before it.
    /// </summary>
    public double? SamplingRatio { get; set; }
}

/// <summary>Checks the telemetry settings at start, the standard environment variables among them.</summary>
internal sealed class TelemetryOptionsValidator(IConfiguration configuration) : IValidateOptions<TelemetryOptions>
{
    internal const string EndpointKey = "OTEL_EXPORTER_OTLP_ENDPOINT";
    internal const string SamplerKey = "OTEL_TRACES_SAMPLER";
    internal const string SamplerArgumentKey = "OTEL_TRACES_SAMPLER_ARG";

    private static readonly string[] Samplers =
    [
        "always_on", "always_off", "traceidratio", "parentbased_always_on", "parentbased_always_off", "parentbased_traceidratio",
    ];

    public ValidateOptionsResult Validate(string? name, TelemetryOptions options)
    {
        var failures = new List<string>();
        if (options.SamplingRatio is { } ratio && !(ratio >= 0 && ratio <= 1))
        {
            failures.Add(FormattableString.Invariant($"{TelemetryOptions.Section}:SamplingRatio is {ratio}; it must be a number from 0 to 1"));
        }

        if (configuration[SamplerKey] is { Length: > 0 } sampler && !Samplers.Contains(sampler, StringComparer.OrdinalIgnoreCase))
        {
            failures.Add($"{SamplerKey} is '{sampler}'; it must be one of {string.Join(", ", Samplers)}");
        }

        if (configuration[SamplerArgumentKey] is { Length: > 0 } argument
            && !(double.TryParse(argument, CultureInfo.InvariantCulture, out var share) && share >= 0 && share <= 1))
        {
            failures.Add($"{SamplerArgumentKey} is '{argument}'; it must be a number from 0 to 1");
        }

        if (configuration[EndpointKey] is { Length: > 0 } endpoint
            && !(Uri.TryCreate(endpoint, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"))
        {
            failures.Add($"{EndpointKey} is '{endpoint}'; it must be an address such as http://localhost:4317");
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }
}
