using Polling.Core.Queue;
using Polling.Core.Queue.Audit;
using Polling.Core.Queue.Completion;
using Polling.Core.Queue.Facts;
using Polling.Queue.Tests.Harness;
using StackExchange.Redis;

namespace Polling.Queue.Tests.Places;

public class AuditTests(Engines engines)
{
    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task What_the_cache_does_not_know_is_to_be_placed(Engine engine)
    {
        var queue = await StartAsync(engine, cards: 300);
        await queue.Redis.HashDeleteAsync(queue.Keys.CardBucket(TestQueue.Type, 7), 7);
        CardFacts[] cards = [.. Enumerable.Range(1, 300).Select(i => TestQueue.Card(i, version: i == 9 ? 2 : 1)), TestQueue.Card(301)];

        var findings = await queue.Audit.LookAsync(TestQueue.Type, cards);
        Assert.Equal([7L, 9, 301], cards.Where((_, i) => findings[i] == AuditFinding.ToPlace).Select(c => c.CardId));
        await queue.PlaceAsync(cards.Where((_, i) => findings[i] == AuditFinding.ToPlace));
        Assert.All(await queue.Audit.LookAsync(TestQueue.Type, cards), f => Assert.Equal(AuditFinding.Fine, f));
        Assert.All(await queue.PlacesAsync(), p => Assert.Single(p));
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task A_card_deleted_from_the_schedule_by_hand_gets_a_place_again(Engine engine)
    {
        var queue = await StartAsync(engine, cards: 50);
        await queue.Redis.SortedSetRemoveAsync(queue.Keys.Schedule(TestQueue.Type, 1), [3, 4]);
        var findings = await queue.Audit.LookAsync(TestQueue.Type, Cards(50));
        Assert.Equal(2, findings.Count(f => f == AuditFinding.NotScheduled));

        Assert.Equal(2, await AdoptAsync(queue, Cards(50)));
        Assert.Equal(0, await AdoptAsync(queue, Cards(50)));
        Assert.Equal(50, (await queue.PlacesAsync()).Count(p => p.Count() == 1));
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task Cards_that_are_queued_leased_or_quarantined_are_left_alone(Engine engine)
    {
        var queue = await StartAsync(engine, cards: 40);
        await queue.AdvanceAsync(TimeSpan.FromMinutes(1));
        await queue.PromoteAsync();
        await queue.ClaimAsync(calls: 2);
        await queue.Redis.SortedSetRemoveAsync(queue.Keys.Schedule(TestQueue.Type, 1), 1);
        var before = await queue.PlacesAsync();
        Assert.Contains(before, p => p.Single() == "lease");
        Assert.Contains(before, p => p.Single() == "queue");

        Assert.Equal(0, await AdoptAsync(queue, Cards(40)));
        Assert.Equal(before.Select(p => (p.Key, p.Single())).Order(), (await queue.PlacesAsync()).Select(p => (p.Key, p.Single())).Order());
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task A_card_that_waits_in_the_schedule_of_its_old_account_is_left_there(Engine engine)
    {
        var queue = await StartAsync(engine, cards: 1);
        await queue.AddAccountAsync(2);
        var moved = TestQueue.Card(1, account: 2, version: 2);
        await queue.PlaceAsync(moved);

        Assert.Equal([AuditFinding.NotScheduled], await queue.Audit.LookAsync(TestQueue.Type, [moved]));
        Assert.Equal(0, await AdoptAsync(queue, [moved]));
        Assert.Equal(["schedule 1"], (await queue.PlacesAsync())[1]);
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task Queue_members_deleted_by_hand_are_found_and_the_books_agree_again(Engine engine)
    {
        var queue = await StartAsync(engine, cards: 40);
        await queue.AdvanceAsync(TimeSpan.FromMinutes(1));
        await queue.PromoteAsync();
        // One card of the first call, and all of the second.
        var second = (await queue.Redis.SortedSetRangeByRankAsync(queue.Keys.Queue(TestQueue.Type), 10, 19)).Append(
            (await queue.Redis.SortedSetRangeByRankAsync(queue.Keys.Queue(TestQueue.Type), 0, 0))[0]).ToArray();
        await queue.Redis.SortedSetRemoveAsync(queue.Keys.Queue(TestQueue.Type), second);

        Assert.Equal(1 + 1 + 1, await queue.Audit.SettleAsync(TestQueue.Type));
        Assert.Equal(0, await queue.Audit.SettleAsync(TestQueue.Type));
        Assert.Equal(11, await AdoptAsync(queue, Cards(40)));
        Assert.Equal([9, 10, 10], (await queue.ClaimAsync()).Select(c => c.Cards.Count));
        Assert.Equal(40, (await queue.PlacesAsync()).Count(p => p.Count() == 1));
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task A_card_deleted_from_the_queue_by_hand_is_not_claimed_with_its_call(Engine engine)
    {
        var queue = await StartAsync(engine, cards: 20);
        await queue.AdvanceAsync(TimeSpan.FromMinutes(1));
        await queue.PromoteAsync();
        var deleted = (await queue.Redis.SortedSetRangeByRankAsync(queue.Keys.Queue(TestQueue.Type), 3, 4)).Select(card => (long)card).ToArray();
        await queue.Redis.SortedSetRemoveAsync(queue.Keys.Queue(TestQueue.Type), [.. deleted.Select(card => (RedisValue)card)]);

        // Adopted before the books agree again.
        Assert.Equal(2, await AdoptAsync(queue, Cards(20)));
        var calls = await queue.ClaimAsync();
        Assert.Equal([8, 10], calls.Select(c => c.Cards.Count));
        Assert.Empty(calls.SelectMany(c => c.Cards).Select(c => c.CardId).Intersect(deleted));
        Assert.Equal(20, (await queue.PlacesAsync()).Count(p => p.Count() == 1));
        Assert.All(calls, call => Assert.Equal(CompletionStatus.Completed, queue.CompleteAsync(call).Result));
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task A_card_deleted_from_the_queue_by_hand_is_not_taken_back_with_its_call(Engine engine)
    {
        var queue = await StartAsync(engine, cards: 3);
        var due = await queue.DueMsAsync(1);
        await queue.Manual.RequestAsync(TestQueue.Type, "t1", [1, 2, 3]);
        await queue.PromoteAsync();
        await queue.Redis.SortedSetRemoveAsync(queue.Keys.Queue(TestQueue.Type), 2);

        Assert.Equal(2, await queue.Settled.CancelAsync(TestQueue.Type, "t1", [1]));
        Assert.Equal(due, await queue.DueMsAsync(1));
        Assert.Null(await queue.DueMsAsync(2));
        Assert.Equal(1, await AdoptAsync(queue, Cards(3)));
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task A_call_that_was_deleted_by_hand_cannot_be_completed(Engine engine)
    {
        var queue = await StartAsync(engine, cards: 2);
        await queue.AdvanceAsync(TimeSpan.FromMinutes(1));
        await queue.PromoteAsync();
        var call = Assert.Single(await queue.ClaimAsync());
        await queue.Redis.HashDeleteAsync(queue.Keys.Calls(TestQueue.Type), call.Id);

        // Adopted and in the queue again while the executor still works on it.
        Assert.Equal(2, await AdoptAsync(queue, Cards(2)));
        await queue.AdvanceAsync(TimeSpan.FromMinutes(1));
        await queue.PromoteAsync();
        Assert.Equal(CompletionStatus.LeaseLost, await queue.CompleteAsync(call));
        Assert.Equal(2, (await queue.PlacesAsync()).Count(p => p.Single() == "queue"));
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task A_call_whose_lease_was_deleted_by_hand_goes_back_to_the_queue(Engine engine)
    {
        var queue = await StartAsync(engine, cards: 2);
        await queue.AdvanceAsync(TimeSpan.FromMinutes(1));
        await queue.PromoteAsync();
        var call = Assert.Single(await queue.ClaimAsync());
        await queue.Redis.KeyDeleteAsync(queue.Keys.Leases(TestQueue.Type));

        Assert.Equal(1, await queue.Audit.SettleAsync(TestQueue.Type));
        Assert.Equal(0, await queue.Audit.SettleAsync(TestQueue.Type));
        Assert.Equal([1, 1], (await queue.ClaimAsync()).Select(c => c.Cards.Count));
        Assert.Equal(CompletionStatus.LeaseLost, await queue.CompleteAsync(call));
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task Another_epoch_is_refused(Engine engine)
    {
        var queue = await StartAsync(engine, cards: 1);
        await Assert.ThrowsAsync<QueueEpochChangedException>(() => queue.Audit.AdoptAsync(TestQueue.Type, "6", Cards(1), queue.Accounts));
    }

    private static CardFacts[] Cards(int count) => [.. Enumerable.Range(1, count).Select(i => TestQueue.Card(i))];

    private static Task<int> AdoptAsync(TestQueue queue, CardFacts[] cards) =>
        queue.Audit.AdoptAsync(TestQueue.Type, TestQueue.Epoch, cards, queue.Accounts);

    private async Task<TestQueue> StartAsync(Engine engine, int cards)
    {
        var queue = await TestQueue.StartAsync(engines, engine);
        await queue.AddAccountAsync(1);
        await queue.PlaceAsync(Cards(cards));
        return queue;
    }
}
