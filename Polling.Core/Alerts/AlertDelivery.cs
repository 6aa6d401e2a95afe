namespace Polling.Core.Alerts;

/// <summary>Where a delivery stands.</summary>
public enum DeliveryState : short
{
    /// <summary>It is to be tried, perhaps again.</summary>
    Pending = 0,

    /// <summary>The receiver took it.</summary>
    Delivered = 1,

    /// <summary>It was tried often enough.</summary>
    Failed = 2,

    /// <summary>The receiver wants no more (410).</summary>
    Gone = 3,
}

/// <summary>What a notice tells of.</summary>
public static class AlertEvents
{
    public const string Triggered = "alert.triggered";

    public const string Resolved = "alert.resolved";

    public const string Test = "alert.test";
}

/// <summary>
/// A notice to one receiver: the outbox, written in the transaction that recorded what it tells of. Table <c>tb_polling_alert_delivery</c>.
/// </summary>
public sealed class AlertDelivery
{
    public long Id { get; set; }

    /// <summary>Its <c>webhook-id</c>: the same for every attempt, so that a receiver can drop what it has already.</summary>
    public required string MessageId { get; set; }

    public long HistoryId { get; set; }

    /// <summary>One of <see cref="AlertEvents"/>.</summary>
    public required string Event { get; set; }

    /// <summary>JSON of an <see cref="AlertNotice"/>.</summary>
    public required string Notice { get; set; }

    /// <summary>As it was when the notice was written; masked once nothing is to be sent any more.</summary>
    public required string Url { get; set; }

    /// <summary>As it was when the notice was written; gone once nothing is to be sent any more.</summary>
    public string? Secret { get; set; }

    public required string Format { get; set; }

    public DeliveryState State { get; set; }

    public int Attempts { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>When it is tried next; while it is being tried, when another sender may take it for abandoned.</summary>
    public DateTimeOffset NextAttemptAt { get; set; }

    public DateTimeOffset? LastAttemptAt { get; set; }

    /// <summary>HTTP status of the last answer.</summary>
    public int? LastStatus { get; set; }

    /// <summary>Why the last attempt failed.</summary>
    public string? LastFailure { get; set; }

    public DateTimeOffset? DeliveredAt { get; set; }
}
