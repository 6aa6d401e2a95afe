using Polling.Core.Cards;
using Polling.Core.Configuration;
using Polling.Core.Persistence;
using Polling.Core.Queue;
using Polling.Core.Queue.Facts;
using Polling.Core.Queue.Placement;
using Polling.Core.Scheduling;
using Polling.Queue.Tests.Harness;
using StackExchange.Redis;

namespace Polling.Queue.Tests.Places;

public class PlacementTests(Engines engines)
{
    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task Cards_never_checked_are_spread_over_the_first_minute(Engine engine)
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
    public async Task Placing_again_changes_nothing(Engine engine)
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
    public async Task Newer_facts_replace_older_ones_and_never_the_other_way_round(Engine engine)
    {
        var queue = await TestQueue.StartAsync(engines, engine);
        await queue.AddAccountAsync(1);
        await queue.PlaceAsync(TestQueue.Card(1, version: 5));

        Assert.Equal(new PlacementCounts(0, 1, 0, 0), await queue.PlaceAsync(TestQueue.Card(1, realName: RealNameStatus.RealNamed, version: 6)));
        Assert.Equal(new PlacementCounts(0, 0, 1, 0), await queue.PlaceAsync(TestQueue.Card(1, version: 5)));
        Assert.Equal(TestQueue.Card(1, realName: RealNameStatus.RealNamed, version: 6), await queue.CachedAsync(1));
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task A_card_named_twice_is_placed_once_with_its_newest_facts(Engine engine)
    {
        var queue = await TestQueue.StartAsync(engines, engine);
        await queue.AddAccountAsync(1);

        Assert.Equal(new PlacementCounts(1, 1, 1, 0), await queue.PlaceAsync(
            [TestQueue.Card(1, version: 5), TestQueue.Card(1, version: 6), TestQueue.Card(1, version: 4)]));
        Assert.Equal(TestQueue.Card(1, version: 6), await queue.CachedAsync(1));
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task A_terminated_card_is_not_polled_until_it_is_active_again(Engine engine)
    {
        var queue = await TestQueue.StartAsync(engines, engine);
        await queue.AddAccountAsync(1);

        Assert.Equal(new PlacementCounts(0, 0, 0, 1), await queue.PlaceAsync(TestQueue.Card(1, status: CardStatus.Terminated)));
        Assert.Null(await queue.DueMsAsync(1));
        Assert.Equal(new PlacementCounts(1, 0, 0, 0), await queue.PlaceAsync(TestQueue.Card(1, version: 2)));
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task A_checked_card_keeps_its_phase(Engine engine)
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
            Assert.Equal(PhaseGrid.Next(card.Facts.CardId, 60_000, card.Checked.RealnameMs), await queue.DueMsAsync(card.Facts.CardId));
        }
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task Placing_for_all_tasks_at_once_is_placing_for_one_after_the_other(Engine engine)
    {
        var queue = await TestQueue.StartAsync(engines, engine);
        await queue.AddAccountAsync(1);
        await queue.AddAccountAsync(2);
        (TaskType Type, string Epoch)[] types = [(TaskType.Realname, TestQueue.Epoch), (TaskType.Carddata, "8"), (TaskType.Package, "9")];
        foreach (var (type, epoch) in types)
        {
            await queue.Redis.HashSetAsync(queue.Keys.Epoch(type), [new("epoch", epoch)]);
        }

        // Of account 1 usage is asked of active cards only, packages of none; of account 2 everything.
        await PublishAsync(TaskType.Carddata, 1, new IntervalRule(1, null, null, 600_000, 3));
        await PublishAsync(TaskType.Package, 1);
        await PublishAsync(TaskType.Carddata, 2, new IntervalRule(null, null, null, 600_000, 3));
        await PublishAsync(TaskType.Package, 2, new IntervalRule(null, null, null, 900_000, 4));
        var random = new Random(7);
        CardToPlace[] cards =
        [
            .. Enumerable.Range(1, 700).Select(id => new CardToPlace(
                TestQueue.Card(id, account: random.Next(1, 3), version: 2, status: random.Next(4) == 0 ? CardStatus.Terminated : CardStatus.Active),
                new CheckedTimes(Checked(), Checked(), Checked()))),
        ];

        // Some are known already: with older facts, with the same, or for one task only.
        var before = cards.Where((_, i) => i % 3 == 0).Select(card => card with { Facts = card.Facts with { Version = random.Next(1, 3) } }).ToArray();
        var one = await RunAsync(async () =>
        {
            var counts = new Dictionary<TaskType, PlacementCounts>();
            foreach (var (type, epoch) in types)
            {
                counts[type] = await queue.Placement.PlaceAsync(type, epoch, cards);
            }

            return counts;
        });
        var all = await RunAsync(() => queue.Placement.PlaceAsync(types, cards));

        Assert.Equal(one.Dump, all.Dump);
        Assert.All(types, type => Assert.Equal(one.Counts[type.Type].Placed, all.Counts[type.Type].Placed));
        Assert.Equal(one.Counts[TaskType.Realname], all.Counts[TaskType.Realname]);
        Assert.All(types, type => Assert.InRange(one.Counts[type.Type].Placed, 100, 600));

        long Checked() => random.Next(2) == 0 ? 0 : queue.NowMs - random.Next(2_000_000);

        Task PublishAsync(TaskType type, int account, params IntervalRule[] rules) => queue.Redis.HashSetAsync(
            queue.Keys.Accounts(type), account, new AccountEntry(1000, 10, 100, true, new IntervalRules(rules)).ToString());

        async Task<(string[] Dump, IReadOnlyDictionary<TaskType, PlacementCounts> Counts)> RunAsync(Func<Task<IReadOnlyDictionary<TaskType, PlacementCounts>>> place)
        {
            await queue.Placement.PlaceAsync(types[0].Type, types[0].Epoch, before);
            var counts = await place();
            var dump = new List<string>();
            var written = types.SelectMany(type => cards.Select(card => queue.Keys.CardBucket(type.Type, card.Facts.CardId)).Concat(
            [
                queue.Keys.Schedule(type.Type, 1), queue.Keys.Schedule(type.Type, 2), queue.Keys.Wake(type.Type), queue.Keys.CardChanges(type.Type),
            ])).Distinct().ToArray();
            foreach (var key in written)
            {
                dump.AddRange(await queue.Redis.KeyTypeAsync(key) == RedisType.Hash
                    ? (await queue.Redis.HashGetAllAsync(key)).Select(entry => $"{key} {entry.Name} {Convert.ToHexString((byte[])entry.Value!)}")
                    : (await queue.Redis.SortedSetRangeByRankWithScoresAsync(key)).Select(entry => $"{key} {entry.Element} {entry.Score}"));
            }

            await Task.WhenAll(written.Select(key => queue.Redis.KeyDeleteAsync(key)));
            return ([.. dump.Order(StringComparer.Ordinal)], counts);
        }
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task Another_epoch_and_an_unknown_account_are_refused(Engine engine)
    {
        var queue = await TestQueue.StartAsync(engines, engine);
        await queue.AddAccountAsync(1);

        await Assert.ThrowsAsync<QueueEpochChangedException>(
            () => queue.Placement.PlaceAsync(TestQueue.Type, "6", [new CardToPlace(TestQueue.Card(1), 0)]));
        await Assert.ThrowsAsync<AccountNotPublishedException>(() => queue.PlaceAsync(TestQueue.Card(1, account: 2)));
        Assert.Empty(await queue.PlacesAsync());
    }
}
