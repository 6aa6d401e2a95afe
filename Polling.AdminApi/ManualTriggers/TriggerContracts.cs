using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Polling.Core.Cards;
using Polling.Core.Carriers;
using Polling.Core.Configuration;
using Polling.Core.ManualTriggers;
using Polling.Core.Persistence.ManualTriggers;

namespace Polling.AdminApi.ManualTriggers;

/// <summary>One card to ask now.</summary>
/// <param name="CardId">Its id.</param>
/// <param name="TaskType">realname, carddata, package.</param>
internal sealed record SingleTriggerRequest(
    [property: Range(1, (int)Card.IdMax)] long CardId,
    [property: AllowedValues("realname", "carddata", "package")] string TaskType);

/// <summary>Cards to ask now.</summary>
/// <param name="CardIds">1 to 100,000 ids; one that is named twice is asked once.</param>
/// <param name="TaskType">realname, carddata, package.</param>
internal sealed record BatchTriggerRequest(
    [property: MinLength(1), MaxLength(TriggerFields.BatchMax)] IReadOnlyList<long> CardIds,
    [property: AllowedValues("realname", "carddata", "package")] string TaskType);

/// <summary>All cards that a condition holds for, to ask now. At least one condition; those of the card list.</summary>
/// <param name="TaskType">realname, carddata, package.</param>
/// <param name="Iccid">What the iccid begins with.</param>
/// <param name="Msisdn">The card's number.</param>
/// <param name="CarrierId">Its carrier; null = any.</param>
/// <param name="AccountId">Its carrier account; null = any.</param>
/// <param name="Status">0 inventory, 1 active, 2 suspended, 3 terminated (never polled); null = any.</param>
/// <param name="RealNameStatus">0 not real-named, 1 real-named; null = any.</param>
/// <param name="PackageId">Its package; null = any.</param>
internal sealed record ConditionTriggerRequest(
    [property: AllowedValues("realname", "carddata", "package")] string TaskType,
    [property: StringLength(Iccid.LengthMax, MinimumLength = 1)] string? Iccid,
    string? Msisdn,
    [property: Range(1, int.MaxValue)] int? CarrierId,
    [property: Range(1, CarrierAccount.IdMax)] int? AccountId,
    [property: Range(0, 3)] int? Status,
    [property: Range(0, 1)] int? RealNameStatus,
    [property: Range(1, PollingConfig.PackageIdMax)] int? PackageId);

/// <summary>Which trigger to cancel.</summary>
/// <param name="TriggerId">The trigger_id that it was answered with, 1 to 64 characters.</param>
internal sealed record CancelTriggerRequest(
    [property: StringLength(64, MinimumLength = 1)] string TriggerId);

/// <summary>A manual trigger and how far it is. <c>total = queued + running + done + failed + skipped + cancelled</c>.</summary>
/// <param name="TriggerId">Its id.</param>
/// <param name="Kind">single, batch, condition.</param>
/// <param name="TaskType">realname, carddata, package.</param>
/// <param name="Condition">The condition that names its cards, or null.</param>
/// <param name="State">queued (nothing is asked yet), running, done, cancelled.</param>
/// <param name="IsListed">False: cards of its condition are still being listed, so total grows.</param>
/// <param name="Total">Cards.</param>
/// <param name="Queued">Cards that wait for those before them.</param>
/// <param name="Running">Cards in the queue, before all polling, or being asked.</param>
/// <param name="Done">Cards asked with success.</param>
/// <param name="Failed">Cards asked without success; polling goes on with them.</param>
/// <param name="Skipped">Cards that were not asked, see skip_reasons.</param>
/// <param name="Cancelled">Cards that were not asked because it was cancelled.</param>
/// <param name="SkipReasons">unknown_card, not_polled (terminated, or no configuration applies), under_way (queued or being asked already).</param>
/// <param name="FailureReasons">Failed ones by the carrier's or our own code.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="CancelledAt">When it was cancelled, or null.</param>
/// <param name="FinishedAt">When none of its cards waited or was under way any more, or null.</param>
internal sealed record TriggerAnswer(
    string TriggerId,
    string Kind,
    string TaskType,
    ConditionAnswer? Condition,
    string State,
    bool IsListed,
    long Total,
    long Queued,
    long Running,
    long Done,
    long Failed,
    long Skipped,
    long Cancelled,
    IReadOnlyDictionary<string, long> SkipReasons,
    IReadOnlyDictionary<string, long> FailureReasons,
    DateTimeOffset CreatedAt,
    DateTimeOffset? CancelledAt,
    DateTimeOffset? FinishedAt)
{
    public static TriggerAnswer Of(ManualTrigger trigger, ManualProgress progress) => new(
        trigger.Id.ToString(CultureInfo.InvariantCulture), KindOf(trigger.Kind), trigger.TaskType.Name(),
        trigger.Condition is { } json ? ConditionAnswer.Of(ManualTriggerListing.FromJson(json)) : null, StateOf(trigger, progress),
        trigger.ListedTo is null, progress.Total, progress.Waiting, progress.HandedOver, progress.Done, progress.Failed, progress.Skipped, progress.Cancelled,
        progress.SkipReasons, progress.FailureReasons, trigger.CreatedAt, trigger.CancelledAt, trigger.FinishedAt);

    private static string KindOf(ManualTriggerKind kind) => kind switch
    {
        ManualTriggerKind.Single => "single",
        ManualTriggerKind.Batch => "batch",
        _ => "condition",
    };

    private static string StateOf(ManualTrigger trigger, ManualProgress progress) =>
        trigger.CancelledAt is not null ? "cancelled"
        : trigger.FinishedAt is not null ? "done"
        : progress.Total == progress.Waiting ? "queued" : "running";
}

/// <summary>The condition of a trigger; what is null holds for any card.</summary>
internal sealed record ConditionAnswer(
    string? Iccid, string? Msisdn, int? CarrierId, int? AccountId, CardStatus? Status, RealNameStatus? RealNameStatus, int? PackageId)
{
    public static ConditionAnswer Of(CardCondition condition) => new(
        condition.IccidPrefix, condition.Msisdn, condition.CarrierId, condition.AccountId, condition.Status, condition.RealNameStatus, condition.PackageId);
}

/// <summary>A page of triggers, the newest first.</summary>
internal sealed record TriggerPageAnswer(IReadOnlyList<TriggerAnswer> Items, long Total, int Page, int PageSize);

/// <summary>A card of a trigger.</summary>
/// <param name="CardId">Its id.</param>
/// <param name="State">queued, running, done, failed, skipped, cancelled.</param>
/// <param name="Reason">Why it failed or was skipped, else null.</param>
/// <param name="HandedOverAt">When the queue got it, or null.</param>
/// <param name="FinishedAt">When it ended, or null.</param>
internal sealed record TriggerCardAnswer(long CardId, string State, string? Reason, DateTimeOffset? HandedOverAt, DateTimeOffset? FinishedAt)
{
    public static readonly string[] States = ["queued", "running", "done", "failed", "skipped", "cancelled"];

    public static TriggerCardAnswer Of(ManualItem item, ManualTrigger trigger) => new(
        item.CardId, States[(int)(item.State == ManualItemState.Waiting && trigger.CancelledAt is not null ? ManualItemState.Cancelled : item.State)],
        item.Reason, item.HandedAt, item.FinishedAt);
}

/// <summary>Cards of a trigger, in the order of their ids.</summary>
/// <param name="Items">The cards.</param>
/// <param name="NextAfterCardId">The <c>after_card_id</c> that goes on from here; null = there are no more.</param>
internal sealed record TriggerCardsAnswer(IReadOnlyList<TriggerCardAnswer> Items, long? NextAfterCardId);
