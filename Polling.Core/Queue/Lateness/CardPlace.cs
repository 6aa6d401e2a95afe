namespace Polling.Core.Queue.Lateness;

/// <summary>Where a card is for a task.</summary>
public enum PlaceKind
{
    /// <summary>Nowhere: no configuration applies to it, or it was not placed yet.</summary>
    None,

    /// <summary>It waits for its due time, or for its account's budget.</summary>
    Schedule,

    /// <summary>It is admitted and waits for a permit and an executor.</summary>
    Queue,

    /// <summary>An executor has it.</summary>
    Lease,

    /// <summary>It was set aside.</summary>
    Quarantine,
}

/// <summary>A card's place for a task, and how late it is.</summary>
/// <param name="Kind">The place.</param>
/// <param name="ReadAt">When it was read, by Redis' clock.</param>
public sealed record CardPlace(PlaceKind Kind, DateTimeOffset ReadAt)
{
    /// <summary>The account in whose schedule, queue or call it is.</summary>
    public int? AccountId { get; init; }

    /// <summary>When it is, or was, due.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>Since when it is in the queue, in its lease or in quarantine.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>When its lease ends unless it is renewed.</summary>
    public DateTimeOffset? LeaseUntil { get; init; }

    /// <summary>The executor that has it.</summary>
    public string? Executor { get; init; }

    /// <summary>Name of the call that has it.</summary>
    public string? Call { get; init; }

    /// <summary>The manual trigger that asked for it, in the queue or a lease; null = polled.</summary>
    public string? Trigger { get; init; }

    /// <summary>How often a lease of its has expired since it was admitted.</summary>
    public int Attempts { get; init; }

    /// <summary>How late it is by now or, in a lease, was when it was claimed; null where nothing is due.</summary>
    public TimeSpan? Lateness { get; init; }

    /// <summary>What it has waited for most of that time.</summary>
    public LatenessCause? Cause { get; init; }
}
