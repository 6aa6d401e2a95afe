using Polling.Core.Cards;
using Polling.Core.Queue.Completion;
using Polling.Core.Queue.Manual;
using Polling.Core.Queue.Placement;
using Polling.Core.Queue.Quotas;
using Polling.Queue.Tests.Harness;

namespace Polling.Queue.Tests.Places;

public class ManualTests(Engines engines)
{
    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task A_request_moves_the_card_from_the_schedule_ahead_of_all_polling(Engine engine)
    {
        var queue = await TestQueue.StartAsync(engines, engine);
        await queue.AddAccountAsync(1, cardsPerCall: 10);
        await queue.PlaceAsync(TestQueue.Card(1), TestQueue.Card(2));
        await queue.PlaceDueAsync(Enumerable.Range(100, 30).Select(i => TestQueue.Card(i)));
        await queue.PromoteAsync();
        await queue.PlaceAsync(Enumerable.Range(200, 5).Select(i => TestQueue.Card(i)));

        Assert.Equal([ManualAnswer.Accepted], await queue.Manual.RequestAsync(TestQueue.Type, "t1", [203]));
        Assert.Equal((1, 1), (await queue.Manual.CountAsync(TestQueue.Type), await queue.Redis.ListLengthAsync(queue.Keys.ManualOf(TestQueue.Type, 1))));
        await queue.PromoteAsync();
        Assert.Equal(0, await queue.Manual.CountAsync(TestQueue.Type));

        var first = (await queue.ClaimAsync(calls: 1)).Single();
        Assert.True(first.IsManual);
        Assert.Equal(203, first.Cards[0].CardId);
        Assert.Equal("t1", first.Triggers[0]);
        Assert.Equal(queue.NowMs, first.Cards[0].DueMs);
        Assert.Equal(CompletionStatus.Completed, await queue.CompleteAsync(first));
        Assert.All(await queue.PlacesAsync(), card => Assert.Single(card));
        Assert.NotNull(await queue.DueMsAsync(203));
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task Due_cards_ride_along_in_a_call_that_was_asked_for(Engine engine)
    {
        var queue = await TestQueue.StartAsync(engines, engine);
        await queue.AddAccountAsync(1, cardsPerCall: 10);
        await queue.PlaceDueAsync(Enumerable.Range(1, 4).Select(i => TestQueue.Card(i)));
        await queue.PlaceAsync(TestQueue.Card(50, realName: RealNameStatus.RealNamed));
        await queue.Manual.RequestAsync(TestQueue.Type, "t1", [50]);

        Assert.Equal(1, (await queue.PromoteAsync()).Chunks);
        var call = (await queue.ClaimAsync()).Single();
        Assert.Equal(5, call.Cards.Count);
        Assert.Equal(["t1", null, null, null, null], call.Triggers);
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task A_card_that_is_on_its_way_is_not_asked_twice(Engine engine)
    {
        var queue = await TestQueue.StartAsync(engines, engine);
        await queue.AddAccountAsync(1, cardsPerCall: 1);
        await queue.PlaceDueAsync(TestQueue.Card(1), TestQueue.Card(2));
        await queue.PromoteAsync();
        var leased = (await queue.ClaimAsync(calls: 1)).Single();

        await queue.Manual.RequestAsync(TestQueue.Type, "t1", [1, 2]);
        await queue.Manual.RequestAsync(TestQueue.Type, "t2", [1]);
        var pass = await queue.PromoteAsync();
        Assert.Equal((0, 3), (pass.Chunks, pass.RequestsUnderWay));
        Assert.Equal(0, await queue.Manual.CountAsync(TestQueue.Type));
        Assert.Single(await queue.ClaimAsync());
        Assert.Single(leased.Cards);
        var settled = await queue.Settled.ReadAsync(TestQueue.Type, 10);
        Assert.Equal([(1, "t1"), (1, "t2"), (2, "t1")], settled.Select(s => (s.CardId, s.Trigger)).Order());
        Assert.All(settled, request => Assert.False(request.IsCancelled));
        await queue.Settled.RemoveAsync(TestQueue.Type, 2);
        Assert.Equal([settled[2]], await queue.Settled.ReadAsync(TestQueue.Type, 10));
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task A_cancelled_trigger_asks_no_more_and_leaves_others_alone(Engine engine)
    {
        var queue = await TestQueue.StartAsync(engines, engine);
        await queue.AddAccountAsync(1, callsPerSecond: 2, cardsPerCall: 1);
        await queue.AddAccountAsync(2);
        await queue.PlaceAsync(Enumerable.Range(1, 40).Select(i => TestQueue.Card(i, account: i <= 30 ? 1 : 2)));
        await queue.Manual.RequestAsync(TestQueue.Type, "t1", [.. Enumerable.Range(1, 35).Select(i => (long)i)]);
        await queue.PromoteAsync();
        var admitted = (await queue.ClaimAsync()).SelectMany(c => c.Cards.Zip(c.Triggers)).Count(c => c.Second == "t1");
        Assert.InRange(admitted, 6, 10);
        await queue.Manual.RequestAsync(TestQueue.Type, "t2", [36, 30]);
        Assert.Equal(35 - admitted + 2, await queue.Manual.CountAsync(TestQueue.Type));

        Assert.Equal(35 - admitted, await queue.Settled.CancelAsync(TestQueue.Type, "t1", queue.Accounts));
        Assert.Equal(0, await queue.Settled.CancelAsync(TestQueue.Type, "t1", queue.Accounts));
        Assert.Equal(2, await queue.Manual.CountAsync(TestQueue.Type));

        // One that was on its way to Redis meanwhile is stopped when it would be admitted.
        await queue.Manual.RequestAsync(TestQueue.Type, "t1", [29]);
        for (var i = 0; i < 5; i++)
        {
            await queue.AdvanceAsync(TimeSpan.FromSeconds(5));
            await queue.PromoteAsync();
        }

        Assert.Equal(0, await queue.Manual.CountAsync(TestQueue.Type));
        Assert.Equal([30L, 36L], (await queue.ClaimAsync()).SelectMany(c => c.Cards.Zip(c.Triggers)).Where(c => c.Second is not null).Select(c => c.First.CardId).Order());
        var settled = await queue.Settled.ReadAsync(TestQueue.Type, 100);
        Assert.Equal(35 - admitted + 1, settled.Count);
        Assert.All(settled, request => Assert.True(request is { Trigger: "t1", IsCancelled: true }));
        Assert.All(await queue.PlacesAsync(), card => Assert.Single(card));
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task What_was_admitted_for_a_cancelled_trigger_and_claimed_by_nobody_goes_back(Engine engine)
    {
        var queue = await TestQueue.StartAsync(engines, engine);
        await queue.AddAccountAsync(1, cardsPerCall: 4);
        await queue.AddAccountAsync(2, cardsPerCall: 4);
        await queue.PlaceDueAsync(Enumerable.Range(50, 5).Select(i => TestQueue.Card(i)));
        await queue.Placement.PlaceAsync(TestQueue.Type, TestQueue.Epoch, [.. Enumerable.Range(1, 8).Select(i => new CardToPlace(
            TestQueue.Card(i, account: i == 8 ? 2 : 1, realName: RealNameStatus.RealNamed), queue.NowMs))]);
        var due = await DuesAsync();

        // Calls of four: 1 to 4 by hand; four that are due; 5, 6 and 7 by hand with the one that is due besides. 8 is another account's.
        await queue.Manual.RequestAsync(TestQueue.Type, "t1", [1, 2, 3, 4, 5, 6]);
        await queue.Manual.RequestAsync(TestQueue.Type, "t2", [7]);
        await queue.Manual.RequestAsync(TestQueue.Type, "t1", [8]);
        Assert.Equal(4, (await queue.PromoteAsync()).Chunks);
        var leased = (await queue.ClaimAsync(calls: 1)).Single();
        Assert.Equal([1L, 2L, 3L, 4L], leased.Cards.Select(c => c.CardId));

        // The account of 8 is not named: its call is found all the same.
        Assert.Equal(3, await queue.Settled.CancelAsync(TestQueue.Type, "t1", [1]));
        Assert.Equal(0, await queue.Settled.CancelAsync(TestQueue.Type, "t1", [1, 2]));
        Assert.Equal([(5, "t1"), (6, "t1"), (8, "t1")], (await queue.Settled.ReadAsync(TestQueue.Type, 10)).Select(s => (s.CardId, s.Trigger)).Order());
        Assert.Equal(due, await DuesAsync());
        Assert.All(await queue.PlacesAsync(), card => Assert.Single(card));
        Assert.Equal(1, await queue.Manual.CountAsync(TestQueue.Type));
        Assert.Equal("1", (string?)await queue.Redis.HashGetAsync(queue.Keys.Fair(TestQueue.Type), "n:1"));
        Assert.False(await queue.Redis.HashExistsAsync(queue.Keys.Fair(TestQueue.Type), "n:2"));
        Assert.Equal(4, Assert.Single(await queue.ClaimAsync()).Cards.Count(c => c.CardId >= 50));

        // What others asked for in its calls, and what was due anyway, is admitted again.
        await queue.PromoteAsync();
        var again = await queue.ClaimAsync();
        Assert.Equal([(7L, "t2")], again.Where(c => c.IsManual).SelectMany(c => c.Cards.Zip(c.Triggers, (card, trigger) => (card.CardId, trigger))).Where(c => c.trigger is not null));
        Assert.Equal(2, again.Sum(c => c.Cards.Count));
        Assert.Equal(CompletionStatus.Completed, await queue.CompleteAsync(leased));

        async Task<long?[]> DuesAsync() => await Task.WhenAll(new[] { 5, 6, 7, 8 }.Select(i => queue.DueMsAsync(i, account: i == 8 ? 2 : 1)));
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task A_call_by_hand_that_was_refused_is_asked_for_again_and_not_polled_meanwhile(Engine engine)
    {
        var queue = await TestQueue.StartAsync(engines, engine);
        await queue.AddAccountAsync(1, cardsPerCall: 2);
        await queue.PlaceAsync(TestQueue.Card(1), TestQueue.Card(2));
        var due = (await queue.DueMsAsync(1), await queue.DueMsAsync(2));
        await queue.Manual.RequestAsync(TestQueue.Type, "t1", [1, 2]);
        await queue.PromoteAsync();
        await queue.Claims.ReturnAsync((await queue.ClaimAsync()).Single(), TimeSpan.FromMilliseconds(100), QuotaRefusal.Rate);

        Assert.Equal(due, (await queue.DueMsAsync(1), await queue.DueMsAsync(2)));
        await queue.AdvanceAsync(TimeSpan.FromSeconds(1));
        var pass = await queue.PromoteAsync();
        Assert.Equal((1, 0), (pass.Chunks, pass.RequestsUnderWay));
        Assert.Equal(["t1", "t1"], (await queue.ClaimAsync()).Single().Triggers);
        Assert.Empty(await queue.Settled.ReadAsync(TestQueue.Type, 10));
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task Only_cards_that_are_nowhere_for_their_trigger_are_lost(Engine engine)
    {
        var queue = await TestQueue.StartAsync(engines, engine);
        await queue.AddAccountAsync(1, callsPerSecond: 4, cardsPerCall: 1);
        await queue.PlaceAsync(Enumerable.Range(1, 10).Select(i => TestQueue.Card(i)));
        await queue.Manual.RequestAsync(TestQueue.Type, "t1", [1, 2, 3, 4, 5, 6]);
        await queue.PromoteAsync();
        var (returned, leased) = ((await queue.ClaimAsync(calls: 1)).Single(), (await queue.ClaimAsync(calls: 1)).Single());
        await queue.Claims.ReturnAsync(returned, TimeSpan.FromSeconds(60), QuotaRefusal.Rate);

        // One waits again, one is leased, the others are queued or wait; 7 and 8 were never asked for, 99 is unknown.
        Assert.Equal([7L, 8L, 99L], (await LostAsync("t1", 1, 2, 3, 4, 5, 6, 7, 8, 99)).Order());
        Assert.Contains(returned.Cards[0].CardId, await LostAsync("t2", returned.Cards[0].CardId));

        // Ended without a call, and not written down yet.
        await queue.Settled.CancelAsync(TestQueue.Type, "t1", [1]);
        Assert.Empty(await LostAsync("t1", 1, 2, 3, 4, 5, 6));

        Assert.Equal(CompletionStatus.Completed, await queue.CompleteAsync(leased));
        Assert.Equal([leased.Cards[0].CardId], await LostAsync("t1", 1, 2, 3, 4, 5, 6));

        Task<IReadOnlyList<long>> LostAsync(string trigger, params long[] cards) => queue.Settled.LostAsync(TestQueue.Type, 1, trigger, cards);
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task A_request_is_lost_also_while_polling_or_another_trigger_asks_for_its_card(Engine engine)
    {
        var queue = await TestQueue.StartAsync(engines, engine);
        await queue.AddAccountAsync(1, cardsPerCall: 2);
        await queue.PlaceAsync(Enumerable.Range(1, 5).Select(i => TestQueue.Card(i)));
        await queue.AdvanceAsync(TimeSpan.FromDays(1));
        await queue.Manual.RequestAsync(TestQueue.Type, "t2", [1]);
        await queue.PromoteAsync();

        // A call for t2 that takes a polled card along, and two that polling makes: in the queue, and then under lease.
        Assert.Equal(3, await queue.Redis.HashLengthAsync(queue.Keys.Chunks(TestQueue.Type)));
        Assert.Equal([1, 2, 3, 4, 5], (await LostAsync("t1")).Order());
        Assert.Equal([2, 3, 4, 5], (await LostAsync("t2")).Order());
        Assert.Equal(5, (await queue.ClaimAsync()).Sum(call => call.Cards.Count));
        Assert.Equal([1, 2, 3, 4, 5], (await LostAsync("t1")).Order());
        Assert.Equal([2, 3, 4, 5], (await LostAsync("t2")).Order());

        Task<IReadOnlyList<long>> LostAsync(string trigger) => queue.Settled.LostAsync(TestQueue.Type, 1, trigger, [1, 2, 3, 4, 5]);
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task What_is_not_polled_is_answered_at_once(Engine engine)
    {
        var queue = await TestQueue.StartAsync(engines, engine);
        await queue.AddAccountAsync(1);
        await queue.PlaceAsync(TestQueue.Card(1), TestQueue.Card(2, status: CardStatus.Terminated));

        Assert.Equal(
            [ManualAnswer.NotPolled, ManualAnswer.Accepted, ManualAnswer.NotPolled],
            await queue.Manual.RequestAsync(TestQueue.Type, "t1", [2, 1, 999]));
        var error = await Assert.ThrowsAsync<ArgumentException>(() => queue.Manual.RequestAsync(TestQueue.Type, "a b", [1]));
        Assert.Contains("'a b'", error.Message, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task Requests_of_a_blocked_account_hold_nobody_up_and_are_kept(Engine engine)
    {
        var queue = await TestQueue.StartAsync(engines, engine);
        await queue.AddAccountAsync(1, active: false);
        await queue.AddAccountAsync(2);
        await queue.PlaceAsync(Enumerable.Range(1, 20).Select(i => TestQueue.Card(i, account: i <= 15 ? 1 : 2)));
        await queue.Manual.RequestAsync(TestQueue.Type, "t1", [.. Enumerable.Range(1, 20).Select(i => (long)i)]);

        await queue.PromoteAsync();
        Assert.Equal([2], (await queue.ClaimAsync()).Select(c => c.AccountId));
        Assert.Equal(15, await queue.Manual.CountAsync(TestQueue.Type));
        await queue.AddAccountAsync(1);
        await queue.AdvanceAsync(TimeSpan.FromSeconds(1));
        await queue.PromoteAsync();
        Assert.Equal(15, (await queue.ClaimAsync()).Sum(c => c.Cards.Count));
        Assert.Equal(0, await queue.Manual.CountAsync(TestQueue.Type));
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task A_refused_request_is_asked_for_again_first_of_all(Engine engine)
    {
        var queue = await TestQueue.StartAsync(engines, engine);
        await queue.AddAccountAsync(1, cardsPerCall: 3);
        await queue.PlaceAsync(Enumerable.Range(1, 6).Select(i => TestQueue.Card(i, realName: RealNameStatus.RealNamed)));
        await queue.Manual.RequestAsync(TestQueue.Type, "t1", [3, 1, 2, 4]);
        await queue.PromoteAsync();
        var refused = (await queue.ClaimAsync(calls: 1)).Single();
        Assert.Equal([3L, 1L, 2L], refused.Cards.Select(c => c.CardId));

        Assert.True(await queue.Claims.ReturnAsync(refused, TimeSpan.FromSeconds(1), QuotaRefusal.Rate));
        Assert.Equal(3, await queue.Manual.CountAsync(TestQueue.Type));
        Assert.Equal(0, (await queue.PromoteAsync()).Chunks);
        await queue.AdvanceAsync(TimeSpan.FromSeconds(1));
        await queue.PromoteAsync();
        var calls = await queue.ClaimAsync();
        Assert.Equal([4L, 3L, 1L, 2L], calls.SelectMany(c => c.Cards.Zip(c.Triggers)).Where(c => c.Second == "t1").Select(c => c.First.CardId));
        Assert.All(calls, c => Assert.True(c.IsManual));
        Assert.All(await queue.PlacesAsync(), card => Assert.Single(card));
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task Manual_work_takes_its_share_of_the_budget_and_leaves_the_rest_to_due_polling(Engine engine)
    {
        var queue = await TestQueue.StartAsync(engines, engine);
        await queue.AddAccountAsync(1, callsPerSecond: 40, cardsPerCall: 1);
        await queue.PlaceDueAsync(Enumerable.Range(1, 100).Select(i => TestQueue.Card(i)));
        await queue.PlaceAsync(Enumerable.Range(1001, 100).Select(i => TestQueue.Card(i, realName: RealNameStatus.RealNamed)));
        await queue.Manual.RequestAsync(TestQueue.Type, "t1", [.. Enumerable.Range(1001, 100).Select(i => (long)i)]);

        await queue.PromoteAsync();
        var calls = await queue.ClaimAsync();
        Assert.Equal((10, 10), (calls.Count(c => c.IsManual), calls.Count(c => !c.IsManual)));
        // Those asked for come first, whatever the order of admission.
        Assert.All(calls.Take(10), c => Assert.True(c.IsManual));
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task A_manual_call_whose_worker_died_is_asked_again_by_hand_in_halves(Engine engine)
    {
        var queue = await TestQueue.StartAsync(engines, engine);
        await queue.AddAccountAsync(1, cardsPerCall: 3);
        await queue.PlaceAsync(Enumerable.Range(1, 3).Select(i => TestQueue.Card(i, realName: RealNameStatus.RealNamed)));
        await queue.Manual.RequestAsync(TestQueue.Type, "t1", [1, 2, 3]);
        await queue.PromoteAsync();
        await queue.ClaimAsync();

        await queue.AdvanceAsync(TestQueue.Lease);
        var calls = await queue.ClaimAsync();
        Assert.Equal([2, 1], calls.Select(c => c.Cards.Count));
        Assert.All(calls, c => Assert.All(c.Triggers, t => Assert.Equal("t1", t)));
        Assert.Equal([2, 1], calls.Select(c => c.Triggers.Count));
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task The_list_that_operators_count_is_true_again_after_somebody_deleted_requests(Engine engine)
    {
        var queue = await TestQueue.StartAsync(engines, engine);
        await queue.AddAccountAsync(1, active: false);
        await queue.AddAccountAsync(2, active: false);
        await queue.PlaceAsync(Enumerable.Range(1, 20).Select(i => TestQueue.Card(i, account: i <= 15 ? 1 : 2)));
        await queue.Manual.RequestAsync(TestQueue.Type, "t1", [.. Enumerable.Range(1, 20).Select(i => (long)i)]);

        await queue.Redis.KeyDeleteAsync(queue.Keys.ManualOf(TestQueue.Type, 1));
        Assert.Equal(1, await queue.Audit.SettleAsync(TestQueue.Type, queue.Accounts));
        Assert.Equal(5, await queue.Manual.CountAsync(TestQueue.Type));
        await queue.Redis.KeyDeleteAsync(queue.Keys.Manual(TestQueue.Type));
        Assert.Equal(1, await queue.Audit.SettleAsync(TestQueue.Type, queue.Accounts));
        Assert.Equal(["2", "2", "2", "2", "2"], (await queue.Redis.ListRangeAsync(queue.Keys.Manual(TestQueue.Type))).Select(e => (string)e!));
        Assert.Equal(0, await queue.Audit.SettleAsync(TestQueue.Type, queue.Accounts));
    }
}
