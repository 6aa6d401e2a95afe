namespace Polling.Core.Usage;

/// <summary>
/// What a card has used in one billing cycle: the ledger that limits are decided by. Table <c>tb_usage_cycle</c>. The row outlives its card.
/// </summary>
/// <remarks>Readings are cumulative and may come late or fall; <see cref="UsedBytes"/> is the highest valid one and never falls.</remarks>
public sealed class UsageCycle
{
    public long CardId { get; set; }

    /// <summary>First day of the cycle, in the account's time zone.</summary>
    public DateOnly Cycle { get; set; }

    /// <summary>The account that was asked last.</summary>
    public int AccountId { get; set; }

    /// <summary>The highest valid reading, bytes; after a <see cref="CycleClose.CarrierStatement"/> what the carrier stated.</summary>
    public long UsedBytes { get; set; }

    /// <summary>What <see cref="UsedBytes"/> was before the newest reading was committed: tells a statement what has grown.</summary>
    public long PreviousUsedBytes { get; set; }

    /// <summary>The newest reading, bytes, also when it fell.</summary>
    public long LastBytes { get; set; }

    /// <summary>As of when the newest reading is: what the carrier said, else when it answered.</summary>
    public DateTimeOffset LastAsOf { get; set; }

    /// <summary>When the carrier last answered with a reading of this cycle, by Redis' clock.</summary>
    public DateTimeOffset LastReadAt { get; set; }

    /// <summary>When the first reading came.</summary>
    public DateTimeOffset FirstReadAt { get; set; }

    /// <summary>
    /// Recent rate of use, bytes an hour, 0 or more: smoothed over an hour when it rises, over twelve when it falls. Of the first reading the mean
    /// since the cycle began; null in the cycle's first hour before the second reading.
    /// </summary>
    public double? BytesPerHour { get; set; }

    /// <summary>Readings that were lower than one before; they change nothing.</summary>
    public int FallingReadings { get; set; }

    /// <summary>Readings that came after the next cycle had begun.</summary>
    public int LateReadings { get; set; }

    /// <summary>When it was closed; null = it runs, or its last word has not been heard yet.</summary>
    public DateTimeOffset? ClosedAt { get; set; }

    public CycleClose? ClosedBy { get; set; }

    /// <summary>Of an ended one: when the carrier is asked next for its statement, by the clock of the pass; null = not planned yet.</summary>
    public DateTimeOffset? CloseAfter { get; set; }

    /// <summary>How often the carrier was asked for its statement.</summary>
    public int CloseAttempts { get; set; }

    /// <summary>Time before its end, seconds, in which use cannot be known: from the last reading on; null = none.</summary>
    public int? GapSeconds { get; set; }
}

/// <summary>Whose word a closed cycle stands on.</summary>
public enum CycleClose : short
{
    /// <summary>The last valid reading; what was used after it is not known.</summary>
    LastReading = 1,

    /// <summary>What the carrier stated for the whole cycle.</summary>
    CarrierStatement = 2,
}
