using Polling.Benchmarks.Cards;

namespace Polling.Benchmarks.Tests.Cards;

public class CardSpreadTests
{
    [Theory]
    [InlineData(1, 3)]
    [InlineData(99, 7)]
    [InlineData(20_000, 3)]
    [InlineData(1_000_000, 40)]
    [InlineData(10_000_000, 400)]
    [InlineData(9_999_999, 4_000)]
    public void Cards_and_accounts_sum_up(int cards, int accounts)
    {
        var spread = CardSpread.Of(cards, accounts);
        Assert.Equal(cards, spread.Cards);
        Assert.Equal(accounts, spread.Accounts.Count);
        Assert.Equal(accounts, spread.Accounts.Select(account => account.Code).Distinct().Count());
        Assert.All(spread.Accounts, account => Assert.True(LoadFleet.IsLoadAccount(account.Code)));
        Assert.All(spread.Accounts.GroupBy(account => account.Carrier), carrier =>
            Assert.Equal(carrier.Key.Share * cards, carrier.Sum(account => account.Cards), 1.0));
    }

    [Fact]
    public void Few_accounts_are_large_and_many_small()
    {
        var sizes = CardSpread.Of(1_000_000, LoadFleet.AccountsOf(1_000_000)).Accounts.Select(account => account.Cards).OrderDescending().ToArray();
        Assert.InRange(sizes[0], 100_000, 300_000);
        Assert.True(sizes.Take(sizes.Length / 5).Sum() > 500_000, "a fifth of the accounts has most of the cards");
        Assert.True(sizes[^1] > 0);
    }

    [Theory]
    [InlineData(10, new[] { 1.0, 1, 1 }, new[] { 4L, 3, 3 })]
    [InlineData(1, new[] { 0.2, 0.8 }, new[] { 0L, 1 })]
    [InlineData(0, new[] { 1.0 }, new[] { 0L })]
    public void Shares_are_dealt_out_by_largest_remainders(long total, double[] weights, long[] parts) => Assert.Equal(parts, Shares.Apportion(total, weights));
}
