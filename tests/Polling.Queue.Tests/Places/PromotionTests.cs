using Polling.Queue.Tests.Harness;

namespace Polling.Queue.Tests.Places;

public class PromotionTests(Engines engines)
{
    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task Nothing_is_promoted_before_it_is_due(Engine engine)
    {
        var queue = await TestQueue.StartAsync(engines, engine);
        await queue.AddAccountAsync(1);
        await queue.PlaceAsync(TestQueue.Card(1));
        var due = (await queue.DueMsAsync(1))!.Value;

        var early = await queue.PromoteAsync();
        Assert.Equal(0, early.Chunks);
        Assert.Equal(due - queue.NowMs, early.Wait!.Value.TotalMilliseconds);
        await queue.AdvanceAsync(early.Wait.Value);
        Assert.Equal(1, (await queue.PromoteAsync()).Cards);
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task Chunks_fill_calls(Engine engine)
    {
        var queue = await TestQueue.StartAsync(engines, engine);
        await queue.AddAccountAsync(1, cardsPerCall: 100);
        await queue.PlaceDueAsync(Enumerable.Range(1, 1050).Select(i => TestQueue.Card(i)));
        var pass = await queue.PromoteAsync();

        Assert.Equal((11, 1050), (pass.Chunks, pass.Cards));
        Assert.Equal(1050, await queue.Redis.SortedSetLengthAsync(queue.Keys.Queue(TestQueue.Type)));
        Assert.Equal([100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 50], (await queue.ClaimAsync()).Select(c => c.Cards.Count));
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task Whom_a_pass_has_no_room_for_comes_first_in_the_next(Engine engine)
    {
        var queue = await TestQueue.StartAsync(engines, engine);
        await queue.AddAccountAsync(1, cardsPerCall: 100);
        await queue.AddAccountAsync(2, cardsPerCall: 100);
        await queue.PlaceDueAsync(Enumerable.Range(1, 8_000).Select(i => TestQueue.Card(i, account: i <= 7_900 ? 1 : 2)));
        // Account 1 has been awake for longer.
        await queue.Redis.SortedSetAddAsync(queue.Keys.Wake(TestQueue.Type), [new(1, 1), new(2, 2)]);

        var (first, second) = (await queue.PromoteAsync(), await queue.PromoteAsync());

        Assert.True(first.Cards < 7_900, "One pass took all: the test must ask for more.");
        Assert.Equal((25, 25), (first.Chunks, second.Chunks));
        Assert.Contains(2, (await queue.ClaimAsync()).Select(c => c.AccountId));
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task A_call_takes_along_cards_that_are_due_within_a_tenth_of_the_interval(Engine engine)
    {
        var queue = await TestQueue.StartAsync(engines, engine);
        await queue.AddAccountAsync(1, cardsPerCall: 100);
        await queue.PlaceAsync(Enumerable.Range(1, 120).Select(i => TestQueue.Card(i)));
        await queue.AdvanceAsync(TimeSpan.FromSeconds(3));
        var soon = (await queue.Redis.SortedSetRangeByScoreAsync(queue.Keys.Schedule(TestQueue.Type, 1), 0, queue.NowMs + 6_000)).Length;

        Assert.Equal(soon, (await queue.PromoteAsync()).Cards);
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task Calls_are_admitted_as_fast_as_the_account_may_send_them(Engine engine)
    {
        var queue = await TestQueue.StartAsync(engines, engine);
        await queue.AddAccountAsync(1, callsPerSecond: 20, cardsPerCall: 1);
        await queue.AddAccountAsync(2, callsPerSecond: 1000, cardsPerCall: 10);
        await queue.PlaceDueAsync(Enumerable.Range(1, 1000).Select(i => TestQueue.Card(i, account: i <= 900 ? 1 : 2)));

        // Half a second of the budget at once; the other account is not held up by it.
        await queue.PromoteAsync();
        Assert.Equal([10, 10], (await queue.ClaimAsync()).GroupBy(c => c.AccountId).OrderBy(g => g.Key).Select(g => g.Count()));

        var calls = 0;
        for (var i = 0; i < 100; i++)
        {
            await queue.AdvanceAsync(TimeSpan.FromMilliseconds(100));
            await queue.PromoteAsync();
            calls += (await queue.ClaimAsync()).Count;
        }

        // 20 calls in 1.1 s is what acquire grants: 181 in 10 s.
        Assert.InRange(calls, 175, 183);
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task No_more_than_two_seconds_of_an_accounts_budget_lie_in_the_queue(Engine engine)
    {
        var queue = await TestQueue.StartAsync(engines, engine);
        await queue.AddAccountAsync(1, callsPerSecond: 5, cardsPerCall: 10);
        await queue.PlaceDueAsync(Enumerable.Range(1, 400).Select(i => TestQueue.Card(i)));
        for (var i = 0; i < 10; i++)
        {
            await queue.PromoteAsync();
            await queue.AdvanceAsync(TimeSpan.FromSeconds(1));
        }

        // What waits for quota stays in the schedule, and is counted as due.
        Assert.Equal(100, await queue.Redis.SortedSetLengthAsync(queue.Keys.Queue(TestQueue.Type)));
        Assert.Equal(300, await queue.Redis.SortedSetLengthAsync(queue.Keys.Schedule(TestQueue.Type, 1)));
        Assert.Equal(400, (await queue.FiguresAsync()).DueTotal);
        await queue.ClaimAsync(calls: 1);
        await queue.AdvanceAsync(TimeSpan.FromSeconds(1));
        Assert.Equal(10, (await queue.PromoteAsync()).Cards);
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task Accounts_take_turns_by_weight(Engine engine)
    {
        var queue = await TestQueue.StartAsync(engines, engine);
        await queue.AddAccountAsync(1, cardsPerCall: 10, weight: 300);
        await queue.AddAccountAsync(2, cardsPerCall: 10, weight: 100);
        await queue.PlaceDueAsync(Enumerable.Range(1, 800).Select(i => TestQueue.Card(i, account: i <= 400 ? 1 : 2)));
        while ((await queue.PromoteAsync()).Chunks > 0)
        {
        }

        var turns = (await queue.ClaimAsync(calls: 40)).Select(c => c.AccountId).ToArray();
        Assert.InRange(turns.Count(a => a == 1), 29, 31);
        Assert.Contains(2, turns[..5]);
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task A_paused_account_holds_nobody_up(Engine engine)
    {
        var queue = await TestQueue.StartAsync(engines, engine);
        await queue.AddAccountAsync(1);
        await queue.AddAccountAsync(2);
        await queue.PlaceDueAsync(TestQueue.Card(1, account: 1), TestQueue.Card(2, account: 2));
        await queue.AddAccountAsync(1, active: false);

        Assert.Equal(1, (await queue.PromoteAsync()).Cards);
        Assert.Equal(2, Assert.Single(await queue.ClaimAsync()).AccountId);
    }
}
