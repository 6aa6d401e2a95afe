using Polling.Core.Cards;

namespace Polling.Core.Configuration;

/// <summary>How often which cards are polled for a task. Table <c>tb_polling_config</c>.</summary>
/// <remarks>
/// A condition that is null holds for any card. Of the switched-on rows that match a card, the one with the lowest
/// <see cref="Priority"/> rules; a card that no row matches is not polled for the task. See <see cref="PollingConfigSet"/>.
/// The table has no foreign keys: operators dump it and restore it on its own.
/// </remarks>
public sealed class PollingConfig
{
    /// <summary>What the table holds at least; what may be set is told by <see cref="TaskTypes.IntervalSecondsMin"/>.</summary>
    public const int IntervalSecondsMin = 1;

    /// <summary>30 days.</summary>
    public const int IntervalSecondsMax = 30 * 24 * 3600;

    /// <summary>What may be set at least of <see cref="AdaptiveMinSeconds"/>: more often no figure of a carrier changes.</summary>
    public const int AdaptiveSecondsMin = 30;

    public const int PriorityDefault = 100;

    public const int PriorityMax = 1_000_000;

    public const int NameLengthMax = 100;

    /// <summary>The card cache has three bytes for a package.</summary>
    public const int PackageIdMax = (1 << 24) - 1;

    public int Id { get; set; }

    public required string Name { get; set; }

    public TaskType TaskType { get; set; }

    public int? CarrierId { get; set; }

    public int? AccountId { get; set; }

    /// <summary>Null = any status but terminated.</summary>
    public CardStatus? CardStatus { get; set; }

    public RealNameStatus? RealNameStatus { get; set; }

    public int? PackageId { get; set; }

    /// <summary>Seconds from one due time to the next.</summary>
    public int IntervalSeconds { get; set; }

    /// <summary>
    /// Adaptive interval: a card that will reach its limit at its rate of use is checked then, but not sooner than so many seconds after the last
    /// check; null = the interval is fixed.
    /// </summary>
    public int? AdaptiveMinSeconds { get; set; }

    /// <summary>Adaptive interval: and not later than so many seconds after it; null = <see cref="IntervalSeconds"/>.</summary>
    public int? AdaptiveMaxSeconds { get; set; }

    /// <summary>The lower number wins.</summary>
    public int Priority { get; set; } = PriorityDefault;

    public ConfigStatus Status { get; set; } = ConfigStatus.On;

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset UpdatedAt { get; set; }

    /// <summary>How many conditions the row states; decides between rows of one priority.</summary>
    public int Specificity =>
        (CarrierId is null ? 0 : 1) + (AccountId is null ? 0 : 1) + (CardStatus is null ? 0 : 1)
        + (RealNameStatus is null ? 0 : 1) + (PackageId is null ? 0 : 1);

    /// <summary>Whether every stated condition holds for the card. Looks at neither task type nor <see cref="Status"/>.</summary>
    public bool Matches(int carrierId, int accountId, CardStatus status, RealNameStatus realNameStatus, int? packageId) =>
        status != Cards.CardStatus.Terminated
        && (CarrierId is null || CarrierId == carrierId)
        && (AccountId is null || AccountId == accountId)
        && (CardStatus is null || CardStatus == status)
        && (RealNameStatus is null || RealNameStatus == realNameStatus)
        && (PackageId is null || PackageId == packageId);
}
