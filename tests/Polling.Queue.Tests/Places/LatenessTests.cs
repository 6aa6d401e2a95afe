using Polling.Core.Queue.Claims;
using Polling.Core.Queue.Lateness;
using Polling.Core.Queue.Quotas;
using Polling.Queue.Tests.Harness;

namespace Polling.Queue.Tests.Places;

/// <summary>What a late card has waited for, as its call tells when it is sent.</summary>
public class LatenessTests(Engines engines)
{
    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task A_card_that_is_asked_when_due_is_on_time(Engine engine)
    {
        var queue = await StartAsync(engine, cards: 1);
        await queue.AdvanceAsync(TimeSpan.FromMilliseconds(await queue.DueMsAsync(1) - queue.NowMs + 500 ?? 0));
        await queue.PromoteAsync();
        Assert.Equal(LatenessCause.OnTime, CauseAt(queue, (await queue.ClaimAsync()).Single()));
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task Nobody_promoted_it(Engine engine)
    {
        var queue = await StartAsync(engine, cards: 1);
        await queue.AdvanceAsync(TimeSpan.FromMinutes(2));
        await queue.PromoteAsync();
        Assert.Equal(LatenessCause.Worker, CauseAt(queue, (await queue.ClaimAsync()).Single()));
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task Its_turn_came_after_others_of_its_account(Engine engine)
    {
        var queue = await StartAsync(engine, cards: 40);
        await queue.AdvanceAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(LatenessCause.Backlog, await LastCauseAsync(queue));
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task The_budget_is_smaller_than_what_its_configurations_need(Engine engine)
    {
        var queue = await StartAsync(engine, cards: 40);
        await queue.Redis.HashSetAsync(queue.Keys.Fair(TestQueue.Type), "d:1", 2_500);
        await queue.AdvanceAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(LatenessCause.Quota, await LastCauseAsync(queue));
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task Its_account_refused_it(Engine engine)
    {
        foreach (var (refusal, cause) in new[]
        {
            (QuotaRefusal.Circuit, LatenessCause.Breaker), (QuotaRefusal.Month, LatenessCause.Quota), (QuotaRefusal.Maintenance, LatenessCause.Quota),
        })
        {
            var queue = await StartAsync(engine, cards: 1);
            await queue.AdvanceAsync(TimeSpan.FromMilliseconds(await queue.DueMsAsync(1) - queue.NowMs ?? 0));
            await queue.PromoteAsync();
            await queue.Claims.ReturnAsync((await queue.ClaimAsync()).Single(), TimeSpan.FromSeconds(30), refusal);
            await queue.AdvanceAsync(TimeSpan.FromSeconds(15));
            Assert.Equal(0, (await queue.PromoteAsync()).Chunks);
            await queue.AdvanceAsync(TimeSpan.FromSeconds(15));
            Assert.Equal(1, (await queue.PromoteAsync()).Chunks);
            Assert.Equal(cause, CauseAt(queue, (await queue.ClaimAsync()).Single()));
        }
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task No_permit_was_free(Engine engine)
    {
        var queue = await StartAsync(engine, cards: 1);
        await queue.AllowAsync(permits: 0);
        await queue.AdvanceAsync(TimeSpan.FromMinutes(1));
        await queue.PromoteAsync();
        await queue.AdvanceAsync(TimeSpan.FromMinutes(1));
        Assert.Empty(await queue.ClaimAsync());
        await queue.AllowAsync(permits: 1);
        await queue.AdvanceAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(LatenessCause.Permit, CauseAt(queue, (await queue.ClaimAsync()).Single()));
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task Nobody_claimed_it(Engine engine)
    {
        var queue = await StartAsync(engine, cards: 1);
        await queue.AdvanceAsync(TimeSpan.FromMilliseconds(await queue.DueMsAsync(1) - queue.NowMs ?? 0));
        await queue.PromoteAsync();
        await queue.AdvanceAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(LatenessCause.Worker, CauseAt(queue, (await queue.ClaimAsync()).Single()));
    }

    // Two calls of one card a second.
    private async Task<TestQueue> StartAsync(Engine engine, int cards)
    {
        var queue = await TestQueue.StartAsync(engines, engine);
        await queue.AddAccountAsync(1, callsPerSecond: 2, cardsPerCall: 1);
        await queue.PlaceAsync(Enumerable.Range(1, cards).Select(i => TestQueue.Card(i)));
        return queue;
    }

    private static async Task<LatenessCause> LastCauseAsync(TestQueue queue)
    {
        var cause = LatenessCause.OnTime;
        for (var seconds = 0; seconds < 15; seconds++)
        {
            await queue.PromoteAsync();
            foreach (var call in await queue.ClaimAsync())
            {
                cause = CauseAt(queue, call);
                await queue.CompleteAsync(call);
            }

            await queue.AdvanceAsync(TimeSpan.FromSeconds(1));
        }

        return cause;
    }

    private static LatenessCause CauseAt(TestQueue queue, ClaimedCall call) => call.CauseOf(call.Cards[0], queue.NowMs);
}
