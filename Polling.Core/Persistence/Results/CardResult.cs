using Polling.Core.Cards;
using Polling.Core.Configuration;

namespace Polling.Core.Persistence.Results;

/// <summary>The result of one task for one card.</summary>
/// <param name="Type">Task type.</param>
/// <param name="CardId">Id of the card.</param>
/// <param name="AccountId">The account that was asked.</param>
/// <param name="Epoch">Epoch of the fencing token.</param>
/// <param name="Token">Fencing token of the call.</param>
/// <param name="ScheduledAt">Due time that the check answers.</param>
/// <param name="CheckedAt">When the carrier answered, by Redis' clock.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="ErrorCode">Error, at most 32 characters; null when it did not fail.</param>
/// <param name="DurationMs">Duration of the gateway call, ms.</param>
/// <param name="Payload">The carrier's answer, of the task type's kind; null when it failed.</param>
public sealed record CardResult(
    TaskType Type, long CardId, int AccountId, long Epoch, long Token, DateTimeOffset ScheduledAt, DateTimeOffset CheckedAt, PollOutcome Outcome,
    string? ErrorCode, int DurationMs, ResultPayload? Payload);

/// <summary>What a carrier said about a card.</summary>
public abstract record ResultPayload;

/// <summary>Answer to <see cref="TaskType.Realname"/>.</summary>
/// <param name="Status">The card's status.</param>
public sealed record RealNamePayload(RealNameStatus Status) : ResultPayload;

/// <summary>Answer to <see cref="TaskType.Carddata"/>.</summary>
/// <param name="Cycle">First day of the billing cycle that the reading belongs to; null: the carrier did not say, the ledger finds out.</param>
/// <param name="UsedBytes">Used since the cycle began, bytes.</param>
/// <param name="AsOf">As of when the figure is; null: the carrier did not say.</param>
public sealed record UsagePayload(DateOnly? Cycle, long UsedBytes, DateTimeOffset? AsOf) : ResultPayload;

/// <summary>Answer to <see cref="TaskType.Package"/>.</summary>
/// <param name="Code">The carrier's name for the package.</param>
/// <param name="AllowanceBytes">What may be used in a cycle, bytes.</param>
/// <param name="UsedBytes">Used of it, bytes; null: the carrier did not say.</param>
/// <param name="ValidUntil">When it ends; null: the carrier did not say.</param>
public sealed record PackagePayload(string Code, long AllowanceBytes, long? UsedBytes, DateTimeOffset? ValidUntil) : ResultPayload;
