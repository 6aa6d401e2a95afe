namespace Polling.Core.Suspensions;

/// <summary>Whether and by whom a card is stopped, and its present episode. Table <c>tb_card_stop</c>; a card without a row is not stopped and in episode 1.</summary>
public sealed class CardStop
{
    public long CardId { get; set; }

    /// <summary>Null = it is not stopped.</summary>
    public StoppedBy? StoppedBy { get; set; }

    /// <summary>Ours, when it is <see cref="Suspensions.StoppedBy.Polling"/>: only that may be resumed by us.</summary>
    public long? SuspensionId { get; set; }

    public DateTimeOffset Since { get; set; }

    /// <summary>From 1; raised by a resume and by a changed allowance.</summary>
    public int Episode { get; set; } = 1;

    /// <summary>When the carrier was last seen to say so.</summary>
    public DateTimeOffset CheckedAt { get; set; }
}

/// <summary>Who stopped a card.</summary>
public enum StoppedBy : short
{
    /// <summary>We did, by a rule.</summary>
    Polling = 1,

    /// <summary>A person asked us to.</summary>
    Person = 2,

    /// <summary>The carrier did, or somebody at its portal.</summary>
    Carrier = 3,
}

/// <summary>A card that is not suspended whatever it uses. Table <c>tb_suspension_exemption</c>.</summary>
public sealed class SuspensionExemption
{
    public long CardId { get; set; }

    public required string Reason { get; set; }

    /// <summary>Null = without an end.</summary>
    public DateTimeOffset? Until { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    public required string CreatedBy { get; set; }
}

/// <summary>
/// The account's breaker against mass suspension: once tripped, nothing more is suspended there until a person releases it. Table
/// <c>tb_suspension_breaker</c>; an account without a row has never tripped.
/// </summary>
public sealed class SuspensionBreaker
{
    public int AccountId { get; set; }

    public bool IsTripped { get; set; }

    public DateTimeOffset TrippedAt { get; set; }

    public required string Reason { get; set; }

    public DateTimeOffset? ReleasedAt { get; set; }

    public string? ReleasedBy { get; set; }
}
