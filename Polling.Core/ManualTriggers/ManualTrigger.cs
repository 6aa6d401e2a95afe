using Polling.Core.Configuration;

namespace Polling.Core.ManualTriggers;

/// <summary>An operator's wish that cards be asked now. Table <c>tb_polling_manual_trigger</c>; its cards: <see cref="ManualItem"/>.</summary>
public sealed class ManualTrigger
{
    /// <summary>Its id, which the API gives as text.</summary>
    public long Id { get; set; }

    public TaskType TaskType { get; set; }

    /// <summary>How the cards were named.</summary>
    public ManualTriggerKind Kind { get; set; }

    /// <summary>The condition as JSON; null unless the cards were named by one.</summary>
    public string? Condition { get; set; }

    /// <summary>The last card that was looked at while the cards of a condition are listed; null = all are listed.</summary>
    public long? ListedTo { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset? CancelledAt { get; set; }

    /// <summary>When none of its cards waited or was under way any more.</summary>
    public DateTimeOffset? FinishedAt { get; set; }
}

/// <summary>How a trigger names its cards. The numbers are stored: never change one.</summary>
public enum ManualTriggerKind : short
{
    /// <summary>One id.</summary>
    Single = 1,

    /// <summary>A list of ids.</summary>
    Batch = 2,

    /// <summary>A condition.</summary>
    Condition = 3,
}

/// <summary>A card of a manual trigger. Table <c>tb_polling_manual_item</c>.</summary>
/// <remarks>
/// <para>States: waiting → handed over to the queue → done | failed | skipped | cancelled. Each step is one statement that asks for the state
/// before it, so each card is counted once whatever is killed or said twice.</para>
/// <para>One that was handed over and is found neither waiting in Redis nor under way (Redis lost it) waits again.</para>
/// </remarks>
public sealed class ManualItem
{
    public long TriggerId { get; set; }

    public long CardId { get; set; }

    /// <summary>The card's account when the trigger was made; 0 = the card is unknown.</summary>
    public int AccountId { get; set; }

    public ManualItemState State { get; set; }

    /// <summary>Why it failed (the carrier's or our own code) or was skipped; else null.</summary>
    public string? Reason { get; set; }

    public DateTimeOffset? HandedAt { get; set; }

    public DateTimeOffset? FinishedAt { get; set; }
}

/// <summary>What became of a card of a trigger. The numbers are stored: never change one.</summary>
public enum ManualItemState : short
{
    /// <summary>In PostgreSQL only.</summary>
    Waiting = 0,

    /// <summary>The queue has it: it waits for its account's budget, before all polling, or is being asked.</summary>
    HandedOver = 1,

    /// <summary>Asked, and the answer is durable.</summary>
    Done = 2,

    /// <summary>Asked without success. Polling goes on with it as usual.</summary>
    Failed = 3,

    /// <summary>Not asked: see its reason.</summary>
    Skipped = 4,

    /// <summary>Not asked, because the trigger was cancelled before.</summary>
    Cancelled = 5,
}

/// <summary>Why a card was skipped.</summary>
public static class SkipReason
{
    /// <summary>There is no such card.</summary>
    public const string UnknownCard = "unknown_card";

    /// <summary>It is terminated, or no configuration applies to it: it is not polled for the task.</summary>
    public const string NotPolled = "not_polled";

    /// <summary>It was queued or being asked already: it is not asked twice.</summary>
    public const string UnderWay = "under_way";
}

/// <summary>How far a trigger is; the cards are counted once each.</summary>
/// <param name="Waiting">Cards that wait in PostgreSQL.</param>
/// <param name="HandedOver">Cards that the queue has.</param>
/// <param name="Done">Cards asked with success.</param>
/// <param name="Failed">Cards asked without success.</param>
/// <param name="Skipped">Cards that were not asked.</param>
/// <param name="Cancelled">Cards that were not asked because the trigger was cancelled.</param>
/// <param name="SkipReasons">The skipped ones by reason.</param>
/// <param name="FailureReasons">The failed ones by code.</param>
public sealed record ManualProgress(
    long Waiting, long HandedOver, long Done, long Failed, long Skipped, long Cancelled, IReadOnlyDictionary<string, long> SkipReasons,
    IReadOnlyDictionary<string, long> FailureReasons)
{
    /// <summary>All cards listed so far.</summary>
    public long Total => Waiting + HandedOver + Done + Failed + Skipped + Cancelled;
}
