using System.Text.Json.Serialization;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Polling.ServiceDefaults.Health;

/// <summary>The body of <c>/health</c> and <c>/alive</c>.</summary>
internal sealed record HealthAnswer(string Status, IReadOnlyList<HealthAnswer.Check> Checks)
{
    public static HealthAnswer Of(HealthReport report) => new(
        Word(report.Status),
        [.. report.Entries.Select(entry => new Check(
            entry.Key,
            Word(entry.Value.Status),
            Math.Round(entry.Value.Duration.TotalMilliseconds, 1),
            entry.Value.Description ?? entry.Value.Exception?.Message))]);

    private static string Word(HealthStatus status) => status switch
    {
        HealthStatus.Healthy => "healthy",
        HealthStatus.Degraded => "degraded",
        _ => "unhealthy",
    };

    /// <summary>One check; <paramref name="Detail"/> says why it isn't healthy.</summary>
    internal sealed record Check(string Name, string Status, double DurationMs, string? Detail);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(HealthAnswer))]
internal sealed partial class HealthJson : JsonSerializerContext;
