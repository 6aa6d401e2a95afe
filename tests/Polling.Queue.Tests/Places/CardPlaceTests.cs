using Polling.Core.Queue.Completion;
using Polling.Core.Queue.Lateness;
using Polling.Queue.Tests.Harness;

namespace Polling.Queue.Tests.Places;

/// <summary>What is told of one card: its place, its due time, its lateness and the cause.</summary>
public class CardPlaceTests(Engines engines)
{
    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task A_card_is_told_in_each_place_that_it_passes(Engine engine)
    {
        var queue = await StartAsync(engine);
        var due = await queue.DueMsAsync(1);
        var place = await ReadAsync(queue);
        Assert.Equal((PlaceKind.Schedule, 1, due, TimeSpan.Zero, LatenessCause.OnTime), Figures(place));

        await queue.AdvanceAsync(TimeSpan.FromMilliseconds(due - queue.NowMs + 500 ?? 0));
        await queue.PromoteAsync();
        var admitted = queue.NowMs;
        await queue.AdvanceAsync(TimeSpan.FromSeconds(5));
        place = await ReadAsync(queue);
        Assert.Equal((PlaceKind.Queue, 1, due, TimeSpan.FromSeconds(5.5), LatenessCause.Worker), Figures(place));
        Assert.Equal(admitted, place.Since?.ToUnixTimeMilliseconds());

        var call = Assert.Single(await queue.ClaimAsync());
        await queue.AdvanceAsync(TimeSpan.FromSeconds(3));
        place = await ReadAsync(queue);
        Assert.Equal((PlaceKind.Lease, 1, due, TimeSpan.FromSeconds(5.5), LatenessCause.Worker), Figures(place));
        Assert.Equal("e1", place.Executor);
        Assert.Equal((call.Id, queue.NowMs - 3_000, queue.NowMs + 27_000),
            (place.Call, place.Since?.ToUnixTimeMilliseconds(), place.LeaseUntil?.ToUnixTimeMilliseconds()));

        await queue.CompleteAsync(call, CardOutcome.Checked);
        Assert.Equal((PlaceKind.Schedule, 1, await queue.DueMsAsync(1), TimeSpan.Zero, LatenessCause.OnTime), Figures(await ReadAsync(queue)));
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task A_late_card_in_the_schedule_tells_what_its_account_waits_for(Engine engine)
    {
        var queue = await StartAsync(engine);
        await queue.AdvanceAsync(TimeSpan.FromMinutes(2));
        Assert.Equal(LatenessCause.Worker, (await ReadAsync(queue)).Cause);

        await queue.AddAccountAsync(1, active: false);
        await queue.PromoteAsync();
        var place = await ReadAsync(queue);
        Assert.Equal((PlaceKind.Schedule, LatenessCause.Quota), (place.Kind, place.Cause));
        Assert.True(place.Lateness > TimeSpan.FromSeconds(59));
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task A_queued_card_that_waits_for_a_permit_says_so(Engine engine)
    {
        var queue = await StartAsync(engine);
        await queue.AllowAsync(permits: 0);
        await queue.AdvanceAsync(TimeSpan.FromMilliseconds(await queue.DueMsAsync(1) - queue.NowMs ?? 0));
        await queue.PromoteAsync();
        await queue.AdvanceAsync(TimeSpan.FromSeconds(3));
        Assert.Empty(await queue.ClaimAsync());
        Assert.Equal((PlaceKind.Queue, LatenessCause.Permit), ((await ReadAsync(queue)).Kind, (await ReadAsync(queue)).Cause));
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task Quarantine_and_nowhere_are_told_and_a_number_within_another_is_no_hit(Engine engine)
    {
        var queue = await StartAsync(engine);
        await queue.Redis.SortedSetAddAsync(queue.Keys.Quarantine(TestQueue.Type), 5, queue.NowMs);
        var place = await queue.Places.ReadAsync(TestQueue.Type, 5, queue.Accounts);
        Assert.Equal((PlaceKind.Quarantine, queue.NowMs), (place.Kind, place.Since?.ToUnixTimeMilliseconds()));

        // Card 1800000 is no member, but is the beginning of every due time in the payloads.
        await queue.AdvanceAsync(TimeSpan.FromMinutes(1));
        await queue.PromoteAsync();
        var call = Assert.Single(await queue.ClaimAsync());
        Assert.Equal(PlaceKind.None, (await queue.Places.ReadAsync(TestQueue.Type, call.Cards[0].DueMs, queue.Accounts)).Kind);
        Assert.Equal(PlaceKind.None, (await queue.Places.ReadAsync(TestQueue.Type, 1_800_000, queue.Accounts)).Kind);
        Assert.Equal(PlaceKind.Lease, (await ReadAsync(queue)).Kind);
    }

    private async Task<TestQueue> StartAsync(Engine engine)
    {
        var queue = await TestQueue.StartAsync(engines, engine);
        await queue.AddAccountAsync(1);
        await queue.AddAccountAsync(2);
        await queue.PlaceAsync(TestQueue.Card(1));
        return queue;
    }

    private static Task<CardPlace> ReadAsync(TestQueue queue) => queue.Places.ReadAsync(TestQueue.Type, 1, queue.Accounts);

    private static (PlaceKind Kind, int? Account, long? DueMs, TimeSpan? Lateness, LatenessCause? Cause) Figures(CardPlace place) =>
        (place.Kind, place.AccountId, place.DueAt?.ToUnixTimeMilliseconds(), place.Lateness, place.Cause);
}
