using System.ComponentModel.DataAnnotations;
using Polling.Core.Suspensions;

namespace Polling.AdminApi.Suspensions;

/// <summary>A suspension or a resume, and what became of it.</summary>
/// <param name="Id">Id; the idempotency key at the carrier.</param>
/// <param name="CardId">The card.</param>
/// <param name="AccountId">Its carrier account.</param>
/// <param name="Action">suspend or resume.</param>
/// <param name="Rule">over_limit, pool_over_limit, real_name, manual, or of a resume reason_gone.</param>
/// <param name="Cycle">First day of the billing cycle.</param>
/// <param name="Episode">From 1; a resume and a changed allowance begin a new one.</param>
/// <param name="State">pending, held, sent, confirming; ended: done, void, failed, dry_run.</param>
/// <param name="UsedBytes">Used when the reason was seen.</param>
/// <param name="LimitBytes">The limit at that time.</param>
/// <param name="Reason">In words.</param>
/// <param name="RequestedBy">polling, or who asked.</param>
/// <param name="CreatedAt">When the reason was seen.</param>
/// <param name="NextAttemptAt">Not before, while it is not ended.</param>
/// <param name="Attempts">Calls that were begun to carry it out.</param>
/// <param name="SentAt">When the carrier was first asked.</param>
/// <param name="JobId">The carrier's asynchronous job.</param>
/// <param name="FinishedAt">When it ended.</param>
/// <param name="ErrorCode">The last failure.</param>
internal sealed record SuspensionAnswer(
    long Id,
    long CardId,
    int AccountId,
    string Action,
    string Rule,
    DateOnly Cycle,
    int Episode,
    string State,
    long? UsedBytes,
    long? LimitBytes,
    string Reason,
    string RequestedBy,
    DateTimeOffset CreatedAt,
    DateTimeOffset? NextAttemptAt,
    int Attempts,
    DateTimeOffset? SentAt,
    string? JobId,
    DateTimeOffset? FinishedAt,
    string? ErrorCode)
{
    public static SuspensionAnswer Of(Suspension row) => new(
        row.Id, row.CardId, row.AccountId, SuspensionNames.Of(row.Action), SuspensionNames.Of(row.Rule), row.Cycle, row.Episode,
        SuspensionNames.Of(row.State), row.UsedBytes, row.LimitBytes, row.Reason, row.RequestedBy, row.CreatedAt,
        row.State < SuspensionState.Done ? row.NextAttemptAt : null, row.Attempts, row.SentAt, row.JobId, row.FinishedAt, row.ErrorCode);
}

/// <summary>Suspensions and resumes, the newest first.</summary>
/// <param name="Items">Items.</param>
/// <param name="NextBeforeId">The before_id of the next page; null = there is none.</param>
internal sealed record SuspensionListAnswer(IReadOnlyList<SuspensionAnswer> Items, long? NextBeforeId);

/// <summary>What a person wants of a card.</summary>
/// <param name="Reason">Why: 1 to 500 characters; it stands in the history and the audit log.</param>
internal sealed record ManualStop([property: StringLength(SuspensionEndpoints.ReasonLengthMax, MinimumLength = 1)] string Reason);

/// <summary>An account's breaker against mass suspension.</summary>
/// <param name="AccountId">The account.</param>
/// <param name="Account">Its code.</param>
/// <param name="IsTripped">Nothing is suspended there until it is released.</param>
/// <param name="TrippedAt">When it tripped last; null = never.</param>
/// <param name="Reason">Why.</param>
/// <param name="Held">Suspensions that it holds.</param>
/// <param name="ReleasedAt">When it was released last.</param>
/// <param name="ReleasedBy">By whom.</param>
internal sealed record BreakerAnswer(
    int AccountId, string? Account, bool IsTripped, DateTimeOffset? TrippedAt, string? Reason, long Held, DateTimeOffset? ReleasedAt, string? ReleasedBy);

/// <summary>The breakers that have ever tripped, those that are tripped first.</summary>
internal sealed record BreakerListAnswer(IReadOnlyList<BreakerAnswer> Items, int Total);

/// <summary>How to release a breaker.</summary>
/// <param name="Discard">true: what it holds is void. false (default): it goes on, each card is looked at once more before it is suspended.</param>
internal sealed record BreakerReleaseRequest(bool? Discard);

/// <summary>What a release did.</summary>
/// <param name="AccountId">The account.</param>
/// <param name="GoOn">Suspensions that go on.</param>
/// <param name="Discarded">Suspensions that are void now.</param>
internal sealed record BreakerReleaseAnswer(int AccountId, int GoOn, int Discarded);

/// <summary>A card that is not suspended whatever it uses.</summary>
/// <param name="CardId">The card.</param>
/// <param name="Reason">Why.</param>
/// <param name="Until">Until when; null = without an end.</param>
/// <param name="CreatedAt">Since when.</param>
/// <param name="CreatedBy">By whom.</param>
internal sealed record ExemptionAnswer(long CardId, string Reason, DateTimeOffset? Until, DateTimeOffset CreatedAt, string CreatedBy)
{
    public static ExemptionAnswer Of(SuspensionExemption row) => new(row.CardId, row.Reason, row.Until, row.CreatedAt, row.CreatedBy);
}

/// <summary>Exempt cards, in the order of their ids.</summary>
/// <param name="Items">Items.</param>
/// <param name="NextAfterId">The after_id of the next page; null = there is none.</param>
internal sealed record ExemptionListAnswer(IReadOnlyList<ExemptionAnswer> Items, long? NextAfterId);

/// <summary>An exemption.</summary>
/// <param name="Reason">Why: 1 to 500 characters.</param>
/// <param name="Until">A time with its offset, in the future; null = without an end.</param>
internal sealed record NewExemption(
    [property: StringLength(SuspensionEndpoints.ReasonLengthMax, MinimumLength = 1)] string Reason, DateTimeOffset? Until);

/// <summary>Names in answers and filters.</summary>
internal static class SuspensionNames
{
    private static readonly Dictionary<string, SuspensionState> States = new()
    {
        ["pending"] = SuspensionState.Pending,
        ["held"] = SuspensionState.Held,
        ["sent"] = SuspensionState.Sent,
        ["confirming"] = SuspensionState.Confirming,
        ["done"] = SuspensionState.Done,
        ["void"] = SuspensionState.Void,
        ["failed"] = SuspensionState.Failed,
        ["dry_run"] = SuspensionState.DryRun,
    };

    public static string StateNames { get; } = string.Join(", ", States.Keys);

    public static SuspensionState? State(string? name) => name is not null && States.TryGetValue(name, out var state) ? state : null;

    public static SuspensionAction? Action(string? name) => name switch
    {
        "suspend" => SuspensionAction.Suspend,
        "resume" => SuspensionAction.Resume,
        _ => null,
    };

    public static string Of(SuspensionState state) => States.First(pair => pair.Value == state).Key;

    public static string Of(SuspensionAction action) => action == SuspensionAction.Suspend ? "suspend" : "resume";

    public static string Of(SuspensionRule rule) => rule switch
    {
        SuspensionRule.OverLimit => "over_limit",
        SuspensionRule.PoolOverLimit => "pool_over_limit",
        SuspensionRule.RealName => "real_name",
        SuspensionRule.Manual => "manual",
        _ => "reason_gone",
    };
}
