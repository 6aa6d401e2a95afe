using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Polling.Core.Cards;
using Polling.Core.Cards.Demo;
using Polling.Core.Persistence.CardImport;
using Polling.Core.Persistence.Demo;

namespace Polling.Core.Tests.Persistence;

public sealed class DemoDataTests(DatabaseFixture server)
{
    [Fact]
    public async Task An_empty_database_gets_cards_at_three_carriers_once()
    {
        await using var database = await server.MigratedAsync();

        Assert.Equal(1000, await SeedAsync(database, 1000));
        Assert.Equal(0, await SeedAsync(database, 1000));

        await using var context = database.Context();
        var cards = await context.Cards.ToListAsync(TestContext.Current.CancellationToken);
        Assert.All(cards, card => Assert.True(Iccid.Parse(card.Iccid).HasValidCheckDigit));
        Assert.Equal(1000, cards.Select(card => card.Iccid).Distinct().Count());
        var accounts = await context.CarrierAccounts.OrderBy(account => account.Id).ToListAsync(TestContext.Current.CancellationToken);
        Assert.Equal(["CMCC-demo", "CUCC-demo", "CTCC-demo"], accounts.Select(account => account.Code));

        // Within a minute each account can ask all of its cards at nine tenths of its budget.
        Assert.All(accounts, account => Assert.True(
            cards.Count(card => card.AccountId == account.Id) <= 0.9 * 60 * account.CallsPerSecond * account.CardsPerCall));
    }

    [Fact]
    public async Task Zero_leaves_the_carriers_without_cards_and_a_larger_number_adds_what_lacks()
    {
        await using var database = await server.MigratedAsync();

        Assert.Equal(0, await SeedAsync(database, 0));
        Assert.Equal(3, await database.ScalarAsync<long>("SELECT count(*) FROM tb_carrier"));
        Assert.Equal(10, await SeedAsync(database, 10));
        Assert.Equal(20, await SeedAsync(database, 30));
    }

    [Fact]
    public async Task A_database_with_carriers_of_its_own_is_left_alone()
    {
        await using var database = await server.MigratedAsync();
        await database.AddAccountsAsync();

        Assert.Equal(0, await SeedAsync(database, 10));
        Assert.Equal(2, await database.ScalarAsync<long>("SELECT count(*) FROM tb_carrier"));
    }

    [Fact]
    public void The_numbers_are_the_same_each_time() =>
        Assert.Equal(
            ("89860100000000000018", "1064000000001", "460010000000001"),
            (DemoFleet.IccidOf(1), DemoFleet.MsisdnOf(1), DemoFleet.ImsiOf(1)));

    private static async Task<int> SeedAsync(TestDatabase database, int cards)
    {
        await using var context = database.Context();
        return await new DemoData(
                context, new CardChunkStore(database.Source), new NoPlacement(), TimeProvider.System, NullLogger<DemoData>.Instance)
            .SeedAsync(cards, TestContext.Current.CancellationToken);
    }

    private sealed class NoPlacement : ICardPlacement
    {
        public Task PlaceAsync(IReadOnlyList<long> cardIds, CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
