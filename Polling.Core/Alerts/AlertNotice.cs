using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Polling.Core.Alerts.Rules;

namespace Polling.Core.Alerts;

/// <summary>What people are told: the <c>data</c> of a Standard Webhooks body, and what the robots' texts are made of.</summary>
public sealed record AlertNotice
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.Never,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public required long AlertId { get; init; }

    public required int RuleId { get; init; }

    public required string RuleName { get; init; }

    public required string RuleType { get; init; }

    public required string Subject { get; init; }

    public required string Comparison { get; init; }

    public required double Threshold { get; init; }

    /// <summary>Of value and threshold.</summary>
    public required string Unit { get; init; }

    public required double Value { get; init; }

    public required long Samples { get; init; }

    public string? Detail { get; init; }

    public required DateTimeOffset TriggeredAt { get; init; }

    public DateTimeOffset? ResolvedAt { get; init; }

    public double? ResolveValue { get; init; }

    public string? ResolveReason { get; init; }

    /// <summary>The notice of an entry as it is now.</summary>
    public static AlertNotice Of(AlertHistoryEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return new AlertNotice
        {
            AlertId = entry.Id,
            RuleId = entry.RuleId,
            RuleName = entry.RuleName,
            RuleType = entry.RuleType,
            Subject = entry.Subject,
            Comparison = entry.Comparison,
            Threshold = entry.Threshold,
            Unit = AlertRuleType.Find(entry.RuleType)?.Unit ?? "",
            Value = entry.Value,
            Samples = entry.Samples,
            Detail = entry.Detail,
            TriggeredAt = entry.TriggeredAt,
            ResolvedAt = entry.ResolvedAt,
            ResolveValue = entry.ResolveValue,
            ResolveReason = entry.ResolveReason,
        };
    }

    /// <summary>As it is kept and sent.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>What <see cref="ToJson"/> wrote.</summary>
    public static AlertNotice Parse(string json) =>
        JsonSerializer.Deserialize<AlertNotice>(json, Json) ?? throw new JsonException("a notice is null");
}
