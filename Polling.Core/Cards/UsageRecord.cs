using Polling.Core.Configuration;

namespace Polling.Core.Cards;

/// <summary>A reading of a card's cumulative data usage. Table <c>tb_usage_record</c>, in partitions by month of <see cref="ScheduledAt"/>.</summary>
/// <remarks>The key is card, task and due time: a poll that is written twice leaves one record. The record outlives its card.</remarks>
public sealed class UsageRecord
{
    /// <summary>Ascends in the order of writing; not a key.</summary>
    public long Id { get; set; }

    public long CardId { get; set; }

    /// <summary>The task whose poll read it.</summary>
    public TaskType TaskType { get; set; }

    /// <summary>The due time of the poll.</summary>
    public DateTimeOffset ScheduledAt { get; set; }

    /// <summary>The account that was asked.</summary>
    public int AccountId { get; set; }

    /// <summary>First day of the billing cycle that the reading belongs to, in the account's time zone.</summary>
    public DateOnly Cycle { get; set; }

    /// <summary>Used since the cycle began, in bytes; 0 or more. A carrier that says nothing leaves no record.</summary>
    public long UsedBytes { get; set; }

    public DateTimeOffset CheckedAt { get; set; }
}
