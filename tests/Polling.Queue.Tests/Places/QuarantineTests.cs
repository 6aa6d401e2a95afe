using Polling.Core.Queue.Completion;
using Polling.Core.Queue.Quarantine;
using Polling.Queue.Tests.Harness;

namespace Polling.Queue.Tests.Places;

public class QuarantineTests(Engines engines)
{
    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task A_card_that_fails_by_itself_ten_times_in_a_row_is_set_aside_and_the_others_go_on(Engine engine)
    {
        var queue = await StartAsync(engine, cards: 2);
        for (var i = 0; i < QuarantineScripts.FailuresMax; i++)
        {
            await AskAsync(queue, first: CardOutcome.CardFailed);
        }

        var places = await queue.PlacesAsync();
        Assert.Equal(["quarantine"], places[1]);
        Assert.Equal(["schedule 1"], places[2]);
        Assert.Equal(1, Assert.Single(await queue.Quarantine.ListAsync(TestQueue.Type, 0, 10)).CardId);
        Assert.Equal(1, await queue.Quarantine.CountAsync(TestQueue.Type));

        // Placing it again, as a repair does, does not bring it back.
        await queue.PlaceAsync(TestQueue.Card(1));
        Assert.Equal(["quarantine"], (await queue.PlacesAsync())[1]);
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task A_success_starts_the_count_anew_and_failed_calls_do_not_count(Engine engine)
    {
        var queue = await StartAsync(engine, cards: 2);
        for (var round = 0; round < 3; round++)
        {
            for (var i = 0; i < QuarantineScripts.FailuresMax - 1; i++)
            {
                await AskAsync(queue, first: CardOutcome.CardFailed);
                await AskAsync(queue, first: CardOutcome.Failed);
            }

            await AskAsync(queue, first: CardOutcome.Checked);
        }

        Assert.Equal(0, await queue.Quarantine.CountAsync(TestQueue.Type));
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task A_card_whose_leases_expire_while_it_is_alone_in_them_is_set_aside(Engine engine)
    {
        var queue = await StartAsync(engine, cards: 1);
        await queue.PromoteAsync();
        for (var i = 0; i < QuarantineScripts.FailuresMax; i++)
        {
            Assert.Single(await queue.ClaimAsync());
            await queue.AdvanceAsync(TestQueue.Lease);
        }

        Assert.Empty(await queue.ClaimAsync());
        Assert.Equal(["quarantine"], (await queue.PlacesAsync())[1]);
        Assert.Equal(0, await queue.CurrentAsync());
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task A_discharged_card_is_due_at_once_and_counted_from_nothing(Engine engine)
    {
        var queue = await StartAsync(engine, cards: 2);
        for (var i = 0; i < QuarantineScripts.FailuresMax; i++)
        {
            await AskAsync(queue, first: CardOutcome.CardFailed);
        }

        Assert.Equal(1, await queue.Quarantine.DischargeAsync(TestQueue.Type, TestQueue.Epoch, [TestQueue.Card(1), TestQueue.Card(2)]));
        Assert.Equal(queue.NowMs, await queue.DueMsAsync(1));
        Assert.Equal(0, await queue.Quarantine.DischargeAsync(TestQueue.Type, TestQueue.Epoch, [TestQueue.Card(1)]));
        await AskAsync(queue, first: CardOutcome.CardFailed);
        Assert.Equal(["schedule 1"], (await queue.PlacesAsync())[1]);
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task A_release_names_cards_that_were_not_set_aside_and_those_that_are_gone(Engine engine)
    {
        var queue = await StartAsync(engine, cards: 2);
        await queue.Redis.SortedSetAddAsync(queue.Keys.Quarantine(TestQueue.Type), [new(1, queue.NowMs), new(999, queue.NowMs)]);
        await queue.Redis.SortedSetRemoveAsync(queue.Keys.Schedule(TestQueue.Type, 1), 1);

        var released = await queue.Release.ReleaseAsync(TestQueue.Type, [1, 2, 999]);
        Assert.Equal(1, released.Released);
        Assert.Equal([2], released.NotInQuarantine);
        Assert.Equal([999], released.Unknown);
        Assert.Equal(queue.NowMs, await queue.DueMsAsync(1));
    }

    private async Task<TestQueue> StartAsync(Engine engine, int cards)
    {
        var queue = await TestQueue.StartAsync(engines, engine);
        await queue.AddAccountAsync(1);
        await queue.PlaceDueAsync(Enumerable.Range(1, cards).Select(i => TestQueue.Card(i)));
        return queue;
    }

    // One round for all cards: the first has this outcome, the others succeed.
    private static async Task AskAsync(TestQueue queue, CardOutcome first)
    {
        await queue.AdvanceAsync(TimeSpan.FromMinutes(2));
        await queue.PromoteAsync();
        foreach (var call in await queue.ClaimAsync())
        {
            await queue.Completion.CompleteAsync(
                call, [.. call.Cards.Select(c => new CompletedCard(c.CardId, c.CardId == 1 ? first : CardOutcome.Checked, null, TimeSpan.Zero))], TimeSpan.Zero);
        }
    }
}
