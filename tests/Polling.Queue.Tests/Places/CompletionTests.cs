using Polling.Core.Cards;
using Polling.Core.Queue.Claims;
using Polling.Core.Queue.Completion;
using Polling.Core.Scheduling;
using Polling.Queue.Tests.Harness;

namespace Polling.Queue.Tests.Places;

public class CompletionTests(Engines engines)
{
    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task Checked_cards_get_their_next_grid_point_and_failed_ones_are_asked_again_soon(Engine engine)
    {
        var (queue, call) = await ClaimedAsync(engine, cards: 2);
        await queue.AdvanceAsync(TimeSpan.FromSeconds(1));
        var status = await queue.Completion.CompleteAsync(call,
            [new(1, CardOutcome.Checked, null, default), new(2, CardOutcome.Failed, null, TimeSpan.FromSeconds(20))], TimeSpan.FromMilliseconds(250));

        Assert.Equal(CompletionStatus.Completed, status);
        Assert.Equal(PhaseGrid.Next(1, 60_000, queue.NowMs), await queue.DueMsAsync(1));
        Assert.Equal(queue.NowMs + 20_000, await queue.DueMsAsync(2));
        Assert.Equal(0, await queue.CurrentAsync());
        Assert.All(await queue.PlacesAsync(), p => Assert.Equal("schedule 1", p.Single()));
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task A_checked_card_may_be_due_at_a_time_of_its_own_and_the_others_of_its_call_keep_their_grid(Engine engine)
    {
        var (queue, call) = await ClaimedAsync(engine, cards: 4);
        var facts = queue.FactsOf(call);
        await queue.AdvanceAsync(TimeSpan.FromSeconds(1));
        await queue.Completion.CompleteAsync(call,
            [
                new(1, CardOutcome.Checked, null, default), new(2, CardOutcome.CheckedDue, null, TimeSpan.FromSeconds(7)),
                new(3, CardOutcome.CheckedDue, null, TimeSpan.Zero), new(4, CardOutcome.CheckedDue, null, TimeSpan.FromDays(99)),
            ],
            TimeSpan.FromMilliseconds(250), facts);

        Assert.Equal(PhaseGrid.Next(1, 60_000, queue.NowMs), await queue.DueMsAsync(1));
        Assert.Equal(queue.NowMs + 7_000, await queue.DueMsAsync(2));
        Assert.Equal(queue.NowMs + 1_000, await queue.DueMsAsync(3));
        Assert.Equal(queue.NowMs + (long)TimeSpan.FromDays(30).TotalMilliseconds, await queue.DueMsAsync(4));
        Assert.Equal((4, 0), ((await queue.FiguresAsync()).Success, (await queue.FiguresAsync()).Failed));
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task A_card_that_is_no_longer_polled_gets_no_due_time_of_its_own(Engine engine)
    {
        var (queue, call) = await ClaimedAsync(engine, cards: 2);
        await queue.PlaceAsync(TestQueue.Card(1, version: 2, status: CardStatus.Terminated));
        await queue.Completion.CompleteAsync(call,
            [new(1, CardOutcome.CheckedDue, null, TimeSpan.FromSeconds(7)), new(2, CardOutcome.CheckedDue, null, TimeSpan.FromSeconds(7))], TimeSpan.Zero);
        Assert.Equal(2, Assert.Single(await queue.PlacesAsync()).Key);
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task A_card_that_became_real_named_gets_the_interval_of_real_named_cards(Engine engine)
    {
        var (queue, call) = await ClaimedAsync(engine, cards: 1);
        var named = TestQueue.Card(1, realName: RealNameStatus.RealNamed, version: 2);
        await queue.Completion.CompleteAsync(call, [new(1, CardOutcome.Checked, named, default)], TimeSpan.Zero, queue.FactsOf(call));

        Assert.Equal(PhaseGrid.Next(1, 3_600_000, queue.NowMs), await queue.DueMsAsync(1));
        Assert.Equal(named, await queue.CachedAsync(1));
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task A_replay_changes_nothing(Engine engine)
    {
        var (queue, call) = await ClaimedAsync(engine, cards: 3);
        await queue.CompleteAsync(call);
        var due = await queue.DueMsAsync(1);
        await queue.AdvanceAsync(TimeSpan.FromSeconds(10));

        Assert.Equal(CompletionStatus.LeaseLost, await queue.CompleteAsync(call));
        Assert.Equal(due, await queue.DueMsAsync(1));
        Assert.Equal(3, (await queue.FiguresAsync()).Success);
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task Another_epoch_changes_nothing(Engine engine)
    {
        var (queue, call) = await ClaimedAsync(engine, cards: 3);
        await queue.Redis.HashSetAsync(queue.Keys.Epoch(TestQueue.Type), "epoch", "8");

        Assert.Equal(CompletionStatus.EpochChanged, await queue.CompleteAsync(call));
        Assert.All(await queue.PlacesAsync(), p => Assert.Equal("lease", p.Single()));
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task A_completion_that_forgets_a_card_is_refused_as_a_whole(Engine engine)
    {
        var (queue, call) = await ClaimedAsync(engine, cards: 3);

        var error = await Assert.ThrowsAsync<ArgumentException>(
            () => queue.CompleteAsync(call with { Cards = [.. call.Cards.Skip(1)] }));
        Assert.Contains("3 cards, not 2", error.Message, StringComparison.Ordinal);
        Assert.All(await queue.PlacesAsync(), p => Assert.Equal("lease", p.Single()));
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task A_card_moved_to_another_account_meanwhile_goes_to_that_accounts_schedule(Engine engine)
    {
        var (queue, call) = await ClaimedAsync(engine, cards: 2);
        await queue.AddAccountAsync(2);
        await queue.PlaceAsync(TestQueue.Card(2, account: 2, version: 2));
        await queue.CompleteAsync(call);

        var places = await queue.PlacesAsync();
        Assert.Equal(["schedule 1"], places[1]);
        Assert.Equal(["schedule 2"], places[2]);
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task A_card_terminated_or_deleted_meanwhile_is_not_brought_back(Engine engine)
    {
        var (queue, call) = await ClaimedAsync(engine, cards: 3);
        await queue.Redis.HashDeleteAsync(queue.Keys.CardBucket(TestQueue.Type, 2), 2);
        var facts = await queue.Claims.ReadFactsAsync(TestQueue.Type, call.Cards);
        await queue.PlaceAsync(TestQueue.Card(1, version: 2, status: CardStatus.Terminated));
        await queue.Completion.CompleteAsync(call, [.. call.Cards.Select(c => new CompletedCard(c.CardId, CardOutcome.Checked, null, default))], TimeSpan.Zero, facts);

        Assert.Equal(3, Assert.Single(await queue.PlacesAsync()).Key);
        // Active again, it gets a place again.
        Assert.Equal(1, (await queue.PlaceAsync(TestQueue.Card(1, version: 3))).Placed);
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task The_contracts_statistics_add_up(Engine engine)
    {
        var (queue, call) = await ClaimedAsync(engine, cards: 4);
        await queue.Completion.CompleteAsync(call,
            [new(1, CardOutcome.Checked, null, default), new(2, CardOutcome.Checked, null, default), new(3, CardOutcome.Checked, null, default), new(4, CardOutcome.Failed, null, default)],
            TimeSpan.FromMilliseconds(250));
        await queue.FiguresAsync();
        var stats = (await queue.Redis.HashGetAllAsync(queue.Keys.Statistics(TestQueue.Type))).ToDictionary(e => (string)e.Name!, e => (string)e.Value!);

        Assert.Equal(("4", "3", "1"), (stats["total"], stats["success"], stats["failed"]));
        Assert.Equal(("75.00", "250.0", "3600"), (stats["success_rate"], stats["avg_duration_ms"], stats["window_seconds"]));

        // An hour later they have left the window.
        await queue.AdvanceAsync(TimeSpan.FromHours(1));
        await queue.FiguresAsync();
        Assert.Equal("0", await queue.Redis.HashGetAsync(queue.Keys.Statistics(TestQueue.Type), "total"));
    }

    private async Task<(TestQueue Queue, ClaimedCall Call)> ClaimedAsync(Engine engine, int cards)
    {
        var queue = await TestQueue.StartAsync(engines, engine);
        await queue.AddAccountAsync(1);
        await queue.PlaceDueAsync(Enumerable.Range(1, cards).Select(i => TestQueue.Card(i)));
        await queue.PromoteAsync();
        return (queue, Assert.Single(await queue.ClaimAsync()));
    }
}
