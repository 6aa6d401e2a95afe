namespace Polling.Core.Alerts;

/// <summary>What an entry of history is.</summary>
public enum AlertKind : short
{
    /// <summary>A rule fired.</summary>
    Alert = 0,

    /// <summary>Somebody asked for a test notice.</summary>
    Test = 1,
}

/// <summary>
/// A rule that fired, and when it was over; with the rule as it was, as the entry outlives it. Table <c>tb_polling_alert_history</c>.
/// </summary>
public sealed class AlertHistoryEntry
{
    public long Id { get; set; }

    public AlertKind Kind { get; set; }

    public int RuleId { get; set; }

    public required string RuleName { get; set; }

    public required string RuleType { get; set; }

    /// <summary>A task type's name, an account's code, or what the rule type is about as a whole.</summary>
    public required string Subject { get; set; }

    public required string Comparison { get; set; }

    public double Threshold { get; set; }

    /// <summary>What was measured when it fired.</summary>
    public double Value { get; set; }

    /// <summary>How many checks the value was taken from; 0 where nothing is counted.</summary>
    public long Samples { get; set; }

    public string? Detail { get; set; }

    public DateTimeOffset TriggeredAt { get; set; }

    /// <summary>Null = it still fires.</summary>
    public DateTimeOffset? ResolvedAt { get; set; }

    /// <summary>What was measured when it was over; null when it ended for another reason.</summary>
    public double? ResolveValue { get; set; }

    /// <summary>One of <see cref="AlertResolveReasons"/>.</summary>
    public string? ResolveReason { get; set; }
}

/// <summary>Why a firing is over.</summary>
public static class AlertResolveReasons
{
    /// <summary>The rule is kept again.</summary>
    public const string Recovered = "recovered";

    /// <summary>The rule was switched off.</summary>
    public const string Disabled = "rule_disabled";

    /// <summary>The rule was deleted.</summary>
    public const string Deleted = "rule_deleted";

    /// <summary>The rule looks at something else now, or cannot be evaluated any more.</summary>
    public const string Changed = "rule_changed";
}
