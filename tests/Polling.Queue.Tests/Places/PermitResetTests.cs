using Polling.Core.Queue.Permits;
using Polling.Queue.Tests.Harness;
using StackExchange.Redis;

namespace Polling.Queue.Tests.Places;

public class PermitResetTests(Engines engines)
{
    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task A_reset_drops_permits_without_a_call_and_leaves_what_runs(Engine engine)
    {
        var queue = await TestQueue.StartAsync(engines, engine);
        await queue.AddAccountAsync(1, cardsPerCall: 1);
        await queue.PlaceDueAsync(Enumerable.Range(1, 3).Select(i => TestQueue.Card(i)));
        await queue.PromoteAsync();
        var calls = await queue.ClaimAsync(2);
        SortedSetEntry[] leaked = [.. Enumerable.Range(1, 12_000).Select(i => new SortedSetEntry($"{i}:1:1", queue.NowMs + 60_000))];
        await queue.Redis.SortedSetAddAsync(queue.Keys.Permits(TestQueue.Type), leaked);
        await queue.Redis.StringSetAsync(queue.Keys.ConcurrencyCurrent(TestQueue.Type), 77);
        Assert.Empty(await queue.ClaimAsync());

        Assert.Equal(new PermitReset(12_000, 2), await queue.Permits.ResetAsync(TestQueue.Type));
        Assert.Equal(2, await queue.CurrentAsync());
        Assert.Equal(new PermitUse(2, 1000), await queue.Permits.ReadAsync(TestQueue.Type));
        Assert.Single(await queue.ClaimAsync());
        await queue.Claims.ReleaseAsync(calls[0]);
        Assert.Equal(new PermitReset(0, 2), await queue.Permits.ResetAsync(TestQueue.Type));
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task A_reset_of_nothing_is_zero(Engine engine)
    {
        var queue = await TestQueue.StartAsync(engines, engine);
        Assert.Equal(new PermitReset(0, 0), await queue.Permits.ResetAsync(TestQueue.Type));
        Assert.Equal(0, await queue.CurrentAsync());
    }
}
