namespace Polling.Core.Cards;

/// <summary>Which cards a list shows or a trigger asks; what is null holds for any card.</summary>
public sealed record CardCondition
{
    /// <summary>What the iccid begins with.</summary>
    public string? IccidPrefix { get; init; }

    public string? Msisdn { get; init; }

    public int? CarrierId { get; init; }

    public int? AccountId { get; init; }

    public CardStatus? Status { get; init; }

    public RealNameStatus? RealNameStatus { get; init; }

    public int? PackageId { get; init; }

    public int? PoolId { get; init; }

    /// <summary>It says nothing: it holds for every card.</summary>
    public bool IsEmpty => this == new CardCondition();

    /// <summary>The cards it holds for.</summary>
    public IQueryable<Card> Of(IQueryable<Card> cards)
    {
        cards = IccidPrefix is { } prefix ? cards.Where(card => card.Iccid.StartsWith(prefix)) : cards;
        cards = Msisdn is { } msisdn ? cards.Where(card => card.Msisdn == msisdn) : cards;
        cards = CarrierId is { } carrierId ? cards.Where(card => card.CarrierId == carrierId) : cards;
        cards = AccountId is { } accountId ? cards.Where(card => card.AccountId == accountId) : cards;
        cards = Status is { } status ? cards.Where(card => card.Status == status) : cards;
        cards = RealNameStatus is { } realName ? cards.Where(card => card.RealNameStatus == realName) : cards;
        cards = PoolId is { } poolId ? cards.Where(card => card.PoolId == poolId) : cards;
        return PackageId is { } packageId ? cards.Where(card => card.PackageId == packageId) : cards;
    }
}
