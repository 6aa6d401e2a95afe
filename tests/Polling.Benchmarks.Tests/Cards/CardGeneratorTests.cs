using Polling.Benchmarks.Cards;
using Polling.Core.Cards;

namespace Polling.Benchmarks.Tests.Cards;

public class CardGeneratorTests
{
    private const long Seed = 7;
    private static readonly CardSpread Spread = CardSpread.Of(30_000, 12);
    private static readonly GeneratedCard[] Cards = [.. new CardGenerator(Spread, Seed, 1).Generate()];

    [Fact]
    public void Numbers_are_valid_and_unique()
    {
        Assert.All(Cards, card =>
        {
            Assert.True(Iccid.TryParse(card.Iccid, out var iccid), card.Iccid);
            Assert.True(iccid.HasValidCheckDigit, card.Iccid);
            Assert.Equal(card.Msisdn, CardNumbers.Msisdn(card.Msisdn));
            Assert.Equal(card.Imsi, CardNumbers.Imsi(card.Imsi));
            Assert.StartsWith(Spread.Accounts[card.Account].Carrier.IccidPrefix, card.Iccid, StringComparison.Ordinal);
        });
        Assert.Equal([19, 20], Cards.Select(card => card.Iccid.Length).Distinct().Order());
        Assert.Equal(Cards.Length, Cards.Select(card => card.Iccid).Distinct().Count());
        Assert.Equal(Cards.Length, Cards.Select(card => card.Msisdn).Distinct().Count());
        Assert.Equal(Cards.Length, Cards.Select(card => card.Imsi).Distinct().Count());
    }

    [Fact]
    public void The_highest_numbers_fit_too()
    {
        var last = new CardGenerator(CardSpread.Of(10, 3), Seed, Card.IdMax - 10).Generate().Last();
        Assert.True(Iccid.Parse(last.Iccid).HasValidCheckDigit);
        Assert.Equal((13, 15), (last.Msisdn.Length, last.Imsi.Length));
    }

    [Fact]
    public void The_same_seed_makes_the_same_cards_and_another_others()
    {
        Assert.Equal(Cards, new CardGenerator(Spread, Seed, 1).Generate());
        var others = new CardGenerator(Spread, Seed + 1, 1).Generate().ToArray();
        Assert.NotEqual(Cards.Select(card => card.Account), others.Select(card => card.Account));
        Assert.NotEqual(Cards.Select(card => card.Status), others.Select(card => card.Status));
    }

    [Fact]
    public void Every_account_has_the_cards_that_the_spread_says_and_any_stretch_has_cards_of_many()
    {
        var counts = Cards.CountBy(card => card.Account).ToDictionary();
        Assert.Equal(Spread.Accounts.Select(account => (int)account.Cards), Enumerable.Range(0, Spread.Accounts.Count).Select(account => counts[account]));
        Assert.InRange(Cards.Take(Cards.Length / 4).Select(card => card.Account).Distinct().Count(), Spread.Accounts.Count / 2, Spread.Accounts.Count);
    }

    [Fact]
    public void Kinds_are_as_frequent_as_they_should_be()
    {
        Assert.All(LoadFleet.Statuses, kind => Near(kind.Share, Cards.Count(card => card.Status == kind.Status)));
        Assert.All(LoadFleet.Packages.Index(), package => Near(package.Item.Share, Cards.Count(card => card.Package == package.Index)));
        Assert.All(Cards.Where(card => card.Status == CardStatus.Inventory), card => Assert.Equal(RealNameStatus.NotRealNamed, card.RealName));
        var used = Cards.Where(card => card.Status != CardStatus.Inventory).ToArray();
        Assert.Equal(LoadFleet.NotRealNamedShare, used.Count(card => card.RealName == RealNameStatus.NotRealNamed) / (double)used.Length, 0.01);

        static void Near(double share, int count) => Assert.Equal(share, count / (double)Cards.Length, 0.01);
    }
}
