using Polling.Core.Queue.Completion;
using Polling.Queue.Tests.Harness;

namespace Polling.Queue.Tests.Places;

public class RenewalTests(Engines engines)
{
    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task A_renewed_lease_outlives_its_first_end(Engine engine)
    {
        var queue = await TestQueue.StartAsync(engines, engine);
        await queue.AddAccountAsync(1, cardsPerCall: 1);
        await queue.PlaceDueAsync(TestQueue.Card(1), TestQueue.Card(2));
        await queue.PromoteAsync();
        var calls = await queue.ClaimAsync();

        await queue.AdvanceAsync(TestQueue.Lease / 2);
        Assert.True((await queue.Renewal.RenewAsync([calls[0]], TestQueue.Lease)).Single());
        await queue.AdvanceAsync(TestQueue.Lease / 2);

        // The other one's is over: it goes to who asks next.
        Assert.Equal(calls[1].Cards, (await queue.ClaimAsync()).Single().Cards);
        Assert.Equal(CompletionStatus.Completed, await queue.CompleteAsync(calls[0]));
        Assert.Equal(CompletionStatus.LeaseLost, await queue.CompleteAsync(calls[1]));
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task A_lease_that_was_put_back_or_is_of_another_epoch_stays_lost(Engine engine)
    {
        var queue = await TestQueue.StartAsync(engines, engine);
        await queue.AddAccountAsync(1, cardsPerCall: 1);
        await queue.PlaceDueAsync(TestQueue.Card(1));
        await queue.PromoteAsync();
        var lost = (await queue.ClaimAsync()).Single();
        await queue.AdvanceAsync(TestQueue.Lease);
        var held = (await queue.ClaimAsync()).Single();

        var renewed = await queue.Renewal.RenewAsync([lost, held], TestQueue.Lease);
        Assert.Equal((false, true), (renewed[0], renewed[1]));
        Assert.False((await queue.Renewal.RenewAsync([held with { Epoch = held.Epoch + 1 }], TestQueue.Lease)).Single());
        Assert.Equal(1, await queue.Redis.SortedSetLengthAsync(queue.Keys.Leases(TestQueue.Type)));
    }
}
