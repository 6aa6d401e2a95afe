namespace Polling.Core.Cards.Import;

/// <summary>A valid row of a card file. What the file does not say is null.</summary>
public sealed record ImportRow
{
    public required long Line { get; init; }

    public required Iccid Iccid { get; init; }

    public string? Msisdn { get; init; }

    public string? Imsi { get; init; }

    public required int CarrierId { get; init; }

    public required int AccountId { get; init; }

    public CardStatus? Status { get; init; }

    public RealNameStatus? RealNameStatus { get; init; }

    public int? PackageId { get; init; }

    public int? PoolId { get; init; }
}
