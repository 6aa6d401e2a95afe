namespace Polling.Core.Alerts.Evaluation;

/// <summary>What is known of a rule and a subject between evaluations.</summary>
public enum AlertStatus : short
{
    /// <summary>The rule is kept.</summary>
    Ok = 0,

    /// <summary>It is broken, but not for long enough, or it fired a short while ago.</summary>
    Pending = 1,

    /// <summary>It has fired and is still broken.</summary>
    Firing = 2,
}

/// <summary>
/// State of a rule for one subject; it outlives the scheduler that evaluates. No row = never broken. Table <c>tb_polling_alert_state</c>.
/// </summary>
public sealed class AlertState
{
    public int RuleId { get; set; }

    public required string Subject { get; set; }

    /// <summary>The type that the rule had: another one begins anew.</summary>
    public required string RuleType { get; set; }

    public AlertStatus Status { get; set; }

    /// <summary>Since when it has this status.</summary>
    public DateTimeOffset Since { get; set; }

    /// <summary>When a pending one was last seen broken: after a gap its time begins anew.</summary>
    public DateTimeOffset SeenAt { get; set; }

    /// <summary>When it last fired; the cool-down counts from here.</summary>
    public DateTimeOffset? FiredAt { get; set; }

    /// <summary>The entry of history that is open while it fires.</summary>
    public long? HistoryId { get; set; }

    /// <summary>Another one like it.</summary>
    public AlertState Copy() => (AlertState)MemberwiseClone();
}
