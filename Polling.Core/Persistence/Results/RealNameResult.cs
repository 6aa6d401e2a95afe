using Polling.Core.Cards;

namespace Polling.Core.Persistence.Results;

/// <summary>The result of one card's real-name check.</summary>
/// <param name="CardId">Id of the card.</param>
/// <param name="Epoch">Epoch of the fencing token.</param>
/// <param name="Token">Fencing token of the call.</param>
/// <param name="ScheduledAt">Due time that the check answers.</param>
/// <param name="CheckedAt">When the carrier answered, by Redis' clock.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Status">The carrier's answer; null when it failed.</param>
/// <param name="ErrorCode">Error, at most 32 characters; null when it did not fail.</param>
/// <param name="DurationMs">Duration of the gateway call, ms.</param>
public sealed record RealNameResult(
    long CardId, long Epoch, long Token, DateTimeOffset ScheduledAt, DateTimeOffset CheckedAt, PollOutcome Outcome, RealNameStatus? Status,
    string? ErrorCode, int DurationMs);
