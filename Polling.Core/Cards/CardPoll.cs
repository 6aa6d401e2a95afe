using Polling.Core.Configuration;

namespace Polling.Core.Cards;

/// <summary>The newest committed result of one task for one card. Table <c>tb_card_poll</c>.</summary>
/// <remarks>
/// A result counts only when its fencing token (<see cref="TokenEpoch"/>, then <see cref="Token"/>) is newer than the stored one, so
/// that a holder that was paused and comes back late changes nothing. The row outlives its card: there is no foreign key.
/// </remarks>
public sealed class CardPoll
{
    public long CardId { get; set; }

    public TaskType TaskType { get; set; }

    /// <summary>The fencing token's first part: raised whenever the queue store lost data.</summary>
    public long TokenEpoch { get; set; }

    /// <summary>The fencing token's second part: rises within an epoch.</summary>
    public long Token { get; set; }

    /// <summary>The due time that the result answers.</summary>
    public DateTimeOffset ScheduledAt { get; set; }

    public DateTimeOffset CheckedAt { get; set; }

    public PollOutcome Outcome { get; set; }

    /// <summary>The carrier's or our own code when <see cref="Outcome"/> is not a success.</summary>
    public string? ErrorCode { get; set; }

    /// <summary>How long the gateway call took, in milliseconds.</summary>
    public int DurationMs { get; set; }

    /// <summary>Polls that ended without success since the last success.</summary>
    public int ConsecutiveFailures { get; set; }

    /// <summary>The real-name status that the newest answer told; null before the first, and for other tasks.</summary>
    public RealNameStatus? RealNameStatus { get; set; }

    /// <summary>What it was before the newest result was committed.</summary>
    public RealNameStatus? PreviousRealNameStatus { get; set; }
}
