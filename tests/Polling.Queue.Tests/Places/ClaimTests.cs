using Polling.Core.Queue.Completion;
using Polling.Queue.Tests.Harness;

namespace Polling.Queue.Tests.Places;

public class ClaimTests(Engines engines)
{
    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task A_claim_gives_one_permit_and_one_lease_to_a_call(Engine engine)
    {
        var queue = await QueuedAsync(engine, cards: 30, cardsPerCall: 10);
        var calls = await queue.ClaimAsync();

        Assert.Equal(3, calls.Count);
        Assert.Equal(3, await queue.CurrentAsync());
        Assert.Equal(30, (await queue.PlacesAsync()).Count(p => p.Single() == "lease"));
        Assert.True(calls[0].Token < calls[1].Token && calls[1].Token < calls[2].Token);
        Assert.All(calls, c => Assert.Equal(7, c.Epoch));
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task No_permit_is_given_beyond_the_limit(Engine engine)
    {
        var queue = await QueuedAsync(engine, cards: 10, cardsPerCall: 1);
        await queue.AllowAsync(permits: 4);
        var first = await queue.ClaimAsync();
        Assert.Equal(4, first.Count);
        Assert.Empty(await queue.ClaimAsync());

        await queue.Claims.ReleaseAsync(first[0]);
        Assert.Equal(3, await queue.CurrentAsync());
        Assert.Single(await queue.ClaimAsync());
        await queue.AllowAsync(permits: 2);
        await queue.Claims.ReleaseAsync(first[1]);
        Assert.Empty(await queue.ClaimAsync());
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task A_replayed_claim_returns_the_same_calls_and_takes_nothing(Engine engine)
    {
        var queue = await QueuedAsync(engine, cards: 10, cardsPerCall: 1);
        var once = await queue.Claims.ClaimAsync(TestQueue.Type, "e2", 5, 3, TestQueue.Lease, TestQueue.Permit);
        var again = await queue.Claims.ClaimAsync(TestQueue.Type, "e2", 5, 3, TestQueue.Lease, TestQueue.Permit);

        Assert.Equal(once.Calls.Select(c => c.Id), again.Calls.Select(c => c.Id));
        Assert.Equal(3, once.Calls.Count);
        Assert.Equal(3, await queue.CurrentAsync());
        Assert.Equal(7, await queue.Redis.SortedSetLengthAsync(queue.Keys.Queue(TestQueue.Type)));
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task An_expired_lease_comes_back_in_halves_and_its_holder_can_complete_nothing(Engine engine)
    {
        var queue = await QueuedAsync(engine, cards: 5, cardsPerCall: 10);
        var lost = Assert.Single(await queue.ClaimAsync());
        await queue.AdvanceAsync(TestQueue.Lease);
        var again = await queue.ClaimAsync(executor: "e2");

        Assert.Equal([3, 2], again.Select(c => c.Cards.Count));
        Assert.All(again, c => Assert.Equal(1, c.Attempts));
        Assert.All(again, c => Assert.True(c.Token > lost.Token));
        Assert.Equal(lost.Cards.Select(c => c.CardId).Order(), again.SelectMany(c => c.Cards).Select(c => c.CardId).Order());
        Assert.Equal(CompletionStatus.LeaseLost, await queue.CompleteAsync(lost));
        Assert.Equal(2, await queue.CurrentAsync());
        Assert.Equal(5, (await queue.PlacesAsync()).Count(p => p.Single() == "lease"));
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task A_dead_process_permits_end_with_their_lifetime(Engine engine)
    {
        var queue = await QueuedAsync(engine, cards: 5, cardsPerCall: 1);
        await queue.ClaimAsync();
        Assert.Equal(5, await queue.CurrentAsync());
        var left = await queue.Redis.KeyTimeToLiveAsync(queue.Keys.ConcurrencyCurrent(TestQueue.Type));
        Assert.InRange(left!.Value, TestQueue.Permit - TimeSpan.FromSeconds(5), TestQueue.Permit);

        await queue.AdvanceAsync(TestQueue.Permit);
        Assert.Equal(0, (await queue.FiguresAsync()).PermitsHeld);
        Assert.Equal(0, await queue.CurrentAsync());
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task A_returned_call_keeps_its_due_times_and_its_account_rests(Engine engine)
    {
        var queue = await QueuedAsync(engine, cards: 3, cardsPerCall: 10);
        var call = Assert.Single(await queue.ClaimAsync());
        Assert.True(await queue.Claims.ReturnAsync(call, TimeSpan.FromMilliseconds(400)));

        foreach (var card in call.Cards)
        {
            Assert.Equal(card.DueMs, await queue.DueMsAsync(card.CardId));
        }

        Assert.Equal(0, await queue.CurrentAsync());
        Assert.Equal(0, (await queue.PromoteAsync()).Cards);
        await queue.AdvanceAsync(TimeSpan.FromMilliseconds(400));
        Assert.Equal(3, (await queue.PromoteAsync()).Cards);
        Assert.False(await queue.Claims.ReturnAsync(call, TimeSpan.Zero));
        Assert.Equal(0, Assert.Single(await queue.ClaimAsync()).Attempts);
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task A_chunk_deleted_by_hand_is_found_again_through_the_queue(Engine engine)
    {
        var queue = await QueuedAsync(engine, cards: 3, cardsPerCall: 10);
        await queue.Redis.KeyDeleteAsync(queue.Keys.Chunks(TestQueue.Type));

        Assert.Equal([1L, 2L, 3L], Assert.Single(await queue.ClaimAsync()).Cards.Select(c => c.CardId).Order());
    }

    private async Task<TestQueue> QueuedAsync(Engine engine, int cards, int cardsPerCall)
    {
        var queue = await TestQueue.StartAsync(engines, engine);
        await queue.AddAccountAsync(1, cardsPerCall: cardsPerCall);
        await queue.PlaceDueAsync(Enumerable.Range(1, cards).Select(i => TestQueue.Card(i)));
        await queue.PromoteAsync();
        return queue;
    }
}
