namespace Polling.Core.Usage;

/// <summary>What a card's ledger grew by on one day. Table <c>tb_usage_daily</c>, in partitions by month.</summary>
public sealed class UsageDay
{
    public long CardId { get; set; }

    /// <summary>The day, in the account's time zone, that the readings are as of.</summary>
    public DateOnly Day { get; set; }

    public long UsedBytes { get; set; }
}
