namespace Polling.Core.Cards;

/// <summary>What the carrier last said about a card's package. Table <c>tb_card_package</c>. The row outlives its card.</summary>
public sealed class CardPackage
{
    /// <summary>The longest <see cref="PackageCode"/>, in characters.</summary>
    public const int PackageCodeLengthMax = 64;

    public long CardId { get; set; }

    /// <summary>The carrier's name for the package; 1 to <see cref="PackageCodeLengthMax"/> characters.</summary>
    public required string PackageCode { get; set; }

    /// <summary>What may be used in a cycle, in bytes; 0 or more.</summary>
    public long AllowanceBytes { get; set; }

    /// <summary>Used of it, in bytes, 0 or more; null: the carrier did not say.</summary>
    public long? UsedBytes { get; set; }

    /// <summary>When the package ends; null: the carrier did not say.</summary>
    public DateTimeOffset? ValidUntil { get; set; }

    public DateTimeOffset CheckedAt { get; set; }
}
