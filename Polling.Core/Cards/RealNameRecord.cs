namespace Polling.Core.Cards;

/// <summary>A change of a card's real-name status that a poll found. Table <c>tb_real_name_record</c>.</summary>
/// <remarks>Unique on card and due time: a poll that is written twice leaves one record. The record outlives its card.</remarks>
public sealed class RealNameRecord
{
    public long Id { get; set; }

    public long CardId { get; set; }

    public RealNameStatus OldStatus { get; set; }

    public RealNameStatus NewStatus { get; set; }

    /// <summary>The due time of the poll that found it.</summary>
    public DateTimeOffset ScheduledAt { get; set; }

    public DateTimeOffset CheckedAt { get; set; }
}
