namespace Polling.Core.Cards;

/// <summary>A SIM card. Table <c>tb_card</c>.</summary>
public sealed class Card
{
    /// <summary>The highest id. Ids are given without holes, so this bounds the number of cards ever made.</summary>
    public const long IdMax = 699_999_999;

    public long Id { get; set; }

    /// <summary>19 or 20 characters, 0–9 and A–F in upper case; unique. See <see cref="Cards.Iccid"/>.</summary>
    public required string Iccid { get; set; }

    /// <summary>The number the card is called by; up to 20 digits.</summary>
    public string? Msisdn { get; set; }

    /// <summary>The subscriber's identity in the network; 14 or 15 digits.</summary>
    public string? Imsi { get; set; }

    public int CarrierId { get; set; }

    /// <summary>The account whose budget pays for the card's calls; one of the carrier's.</summary>
    public int AccountId { get; set; }

    public CardStatus Status { get; set; } = CardStatus.Active;

    public RealNameStatus RealNameStatus { get; set; }

    /// <summary>When <see cref="RealNameStatus"/> was last learned from the carrier; null = never.</summary>
    public DateTimeOffset? RealNameCheckedAt { get; set; }

    public int? PackageId { get; set; }

    /// <summary>The pool whose allowance the card shares; null = none.</summary>
    public int? PoolId { get; set; }

    /// <summary>Raised by one with each change of the row; a cache refuses an older version.</summary>
    public long RowVersion { get; set; } = 1;

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset UpdatedAt { get; set; }
}
