using Polling.AppHost.LocalServers;
using Polling.Core.Cards;
using Polling.Core.Queue;
using Polling.Core.Queue.Placement;
using Polling.Core.Scheduling;
using Polling.Queue.Tests.Harness;

namespace Polling.Queue.Tests.Places;

public class PlacementTests(Engines engines)
{
    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task Cards_never_checked_are_spread_over_the_first_minute(RedisEngine engine)
    {
        var queue = await TestQueue.StartAsync(engines, engine);
        await queue.AddAccountAsync(1);
        var counts = await queue.PlaceAsync(Enumerable.Range(1, 1200).Select(i => TestQueue.Card(i)));

        Assert.Equal(new PlacementCounts(1200, 0, 0, 0), counts);
        var perSecond = new int[60];
        for (var id = 1; id <= 1200; id++)
        {
            perSecond[(await queue.DueMsAsync(id) - queue.NowMs)!.Value / 1000]++;
        }

        Assert.All(perSecond, n => Assert.InRange(n, 17, 23));
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task Placing_again_changes_nothing(RedisEngine engine)
    {
        var queue = await TestQueue.StartAsync(engines, engine);
        await queue.AddAccountAsync(1);
        await queue.PlaceAsync(TestQueue.Card(1));
        var due = await queue.DueMsAsync(1);
        await queue.AdvanceAsync(TimeSpan.FromSeconds(5));

        Assert.Equal(new PlacementCounts(0, 0, 1, 0), await queue.PlaceAsync(TestQueue.Card(1)));
        Assert.Equal(due, await queue.DueMsAsync(1));
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task Newer_facts_replace_older_ones_and_never_the_other_way_round(RedisEngine engine)
    {
        var queue = await TestQueue.StartAsync(engines, engine);
        await queue.AddAccountAsync(1);
        await queue.PlaceAsync(TestQueue.Card(1, version: 5));

        Assert.Equal(new PlacementCounts(0, 1, 0, 0), await queue.PlaceAsync(TestQueue.Card(1, realName: RealNameStatus.RealNamed, version: 6)));
        Assert.Equal(new PlacementCounts(0, 0, 1, 0), await queue.PlaceAsync(TestQueue.Card(1, version: 5)));
        Assert.Equal(TestQueue.Card(1, realName: RealNameStatus.RealNamed, version: 6), await queue.CachedAsync(1));
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task A_terminated_card_is_not_polled_until_it_is_active_again(RedisEngine engine)
    {
        var queue = await TestQueue.StartAsync(engines, engine);
        await queue.AddAccountAsync(1);

        Assert.Equal(new PlacementCounts(0, 0, 0, 1), await queue.PlaceAsync(TestQueue.Card(1, status: CardStatus.Terminated)));
        Assert.Null(await queue.DueMsAsync(1));
        Assert.Equal(new PlacementCounts(1, 0, 0, 0), await queue.PlaceAsync(TestQueue.Card(1, version: 2)));
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task A_checked_card_keeps_its_phase(RedisEngine engine)
    {
        var queue = await TestQueue.StartAsync(engines, engine);
        await queue.AddAccountAsync(1);
        // Ids over the whole range: the script and PhaseGrid must agree to the millisecond.
        var random = new Random(2026);
        var cards = Enumerable.Range(0, 300).Select(_ => random.NextInt64(1, 699_999_999)).Distinct()
            .Select(id => new CardToPlace(TestQueue.Card(id), queue.NowMs - random.Next(200_000))).ToArray();
        await queue.Placement.PlaceAsync(TestQueue.Type, TestQueue.Epoch, cards);

        foreach (var card in cards)
        {
            Assert.Equal(PhaseGrid.Next(card.Facts.CardId, 60_000, card.CheckedMs), await queue.DueMsAsync(card.Facts.CardId));
        }
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task Another_epoch_and_an_unknown_account_are_refused(RedisEngine engine)
    {
        var queue = await TestQueue.StartAsync(engines, engine);
        await queue.AddAccountAsync(1);

        await Assert.ThrowsAsync<QueueEpochChangedException>(
            () => queue.Placement.PlaceAsync(TestQueue.Type, "6", [new CardToPlace(TestQueue.Card(1), 0)]));
        await Assert.ThrowsAsync<AccountNotPublishedException>(() => queue.PlaceAsync(TestQueue.Card(1, account: 2)));
        Assert.Empty(await queue.PlacesAsync());
    }
}
