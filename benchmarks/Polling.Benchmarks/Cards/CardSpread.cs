namespace Polling.Benchmarks.Cards;

/// <summary>An account of the made-up fleet.</summary>
/// <param name="Code">Unique.</param>
/// <param name="Carrier">Its carrier.</param>
/// <param name="Cards">How many cards it has.</param>
internal sealed record LoadAccount(string Code, LoadCarrier Carrier, long Cards)
{
    public RealisticQuota Quota => RealisticQuota.Of(Cards);
}

/// <summary>How cards are spread over carriers and accounts: of each carrier few accounts are large, many small (the n-th has 1/n of the first).</summary>
/// <param name="Accounts">Their cards sum up to all.</param>
internal sealed record CardSpread(IReadOnlyList<LoadAccount> Accounts)
{
    public long Cards => Accounts.Sum(account => account.Cards);

    /// <summary>Spreads cards.</summary>
    /// <param name="cards">How many.</param>
    /// <param name="accounts">Over how many accounts; at least one for each carrier.</param>
    public static CardSpread Of(long cards, int accounts)
    {
        var shares = LoadFleet.Carriers.Select(carrier => carrier.Share).ToArray();
        var cardsOf = Shares.Apportion(cards, shares);
        var accountsOf = Shares.Apportion(accounts - shares.Length, shares);
        return new CardSpread([.. LoadFleet.Carriers.SelectMany((carrier, c) => Shares
            .Apportion(cardsOf[c], [.. Enumerable.Range(1, (int)accountsOf[c] + 1).Select(rank => 1.0 / rank)])
            .Select((part, i) => new LoadAccount(LoadFleet.AccountCode(carrier, i + 1), carrier, part)))]);
    }
}
