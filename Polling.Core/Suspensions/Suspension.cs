namespace Polling.Core.Suspensions;

/// <summary>
/// That a card is to be suspended or resumed, and what became of it. Table <c>tb_suspension</c>: the outbox that executors carry out, and the history.
/// </summary>
/// <remarks>
/// Written in the transaction that saw the reason. Of one card, rule, cycle and episode there is one suspension at most; its id is the
/// idempotency key at the gateway.
/// </remarks>
public sealed class Suspension
{
    public long Id { get; set; }

    public long CardId { get; set; }

    public int AccountId { get; set; }

    public SuspensionAction Action { get; set; }

    public SuspensionRule Rule { get; set; }

    /// <summary>First day of the billing cycle whose use is the reason; of what a person asked for the cycle in which he did.</summary>
    public DateOnly Cycle { get; set; }

    /// <summary>From 1; a resume and a changed allowance begin a new one (<see cref="CardStop.Episode"/>).</summary>
    public int Episode { get; set; }

    public SuspensionState State { get; set; }

    /// <summary>Used when the reason was seen, bytes; null = a person asked.</summary>
    public long? UsedBytes { get; set; }

    /// <summary>The limit at that time, bytes.</summary>
    public long? LimitBytes { get; set; }

    /// <summary>In words; why it is void, held or failed, too.</summary>
    public required string Reason { get; set; }

    /// <summary>Who asked: <c>polling</c>, or the caller's name.</summary>
    public required string RequestedBy { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>Not before; a resume that is spread out, a pause after a failure.</summary>
    public DateTimeOffset NextAttemptAt { get; set; }

    /// <summary>Calls to the carrier that were begun.</summary>
    public int Attempts { get; set; }

    /// <summary>Which executor works on it; null = none.</summary>
    public string? LeaseOwner { get; set; }

    /// <summary>By PostgreSQL's clock; after it another takes over, and looks before it decides.</summary>
    public DateTimeOffset? LeaseUntil { get; set; }

    /// <summary>When the carrier was first asked to do it.</summary>
    public DateTimeOffset? SentAt { get; set; }

    /// <summary>The carrier's asynchronous job; null = none.</summary>
    public string? JobId { get; set; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? FinishedAt { get; set; }

    /// <summary>The carrier's or our own code of the last failure.</summary>
    public string? ErrorCode { get; set; }
}

/// <summary>What is to be done.</summary>
public enum SuspensionAction : short
{
    Suspend = 1,
    Resume = 2,
}

/// <summary>Why.</summary>
public enum SuspensionRule : short
{
    /// <summary>The card has used what it may.</summary>
    OverLimit = 1,

    /// <summary>Its pool is used up.</summary>
    PoolOverLimit = 2,

    /// <summary>It must be real-named for what it uses.</summary>
    RealName = 3,

    /// <summary>A person wants it.</summary>
    Manual = 4,

    /// <summary>A new cycle, a top-up or a real name took the reason away (only of a resume).</summary>
    ReasonGone = 5,
}

/// <summary>How far it is.</summary>
public enum SuspensionState : short
{
    /// <summary>It waits for an executor.</summary>
    Pending = 1,

    /// <summary>The account's breaker holds it until a person releases it.</summary>
    Held = 2,

    /// <summary>The carrier has been asked, or is about to be: whether it did it must be looked at before anything else.</summary>
    Sent = 3,

    /// <summary>The carrier has accepted it as a job, or done it, and it is not confirmed yet.</summary>
    Confirming = 4,

    /// <summary>Confirmed.</summary>
    Done = 10,

    /// <summary>The reason was gone before it was sent.</summary>
    Void = 11,

    /// <summary>Given up, after many attempts or for an error that no repetition mends.</summary>
    Failed = 12,

    /// <summary>It would have been done; the account is in dry run.</summary>
    DryRun = 13,
}
