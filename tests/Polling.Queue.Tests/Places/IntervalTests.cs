using Polling.Core.Queue.Audit;
using Polling.Core.Queue.Facts;
using Polling.Core.Queue.Intervals;
using Polling.Core.Queue.Placement;
using Polling.Core.Scheduling;
using Polling.Queue.Tests.Harness;

namespace Polling.Queue.Tests.Places;

public class IntervalTests(Engines engines)
{
    private const int Cards = 2_400;
    private const long Hour = 3_600_000;
    private const long Minute = 60_000;

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task A_shorter_interval_brings_all_cards_within_it_evenly_and_none_too_soon(Engine engine)
    {
        var (queue, checkedMs) = await CheckedAsync(engines, engine, Hour);

        // The last 240 cards were asked by hand a moment ago.
        long Checked(long id) => id > Cards - 240 ? queue.NowMs - 1_000 : checkedMs(id);
        await SetIntervalAsync(queue, Minute);
        var reply = await queue.MoveAsync(Checked);

        var perSecond = new int[100];
        for (var id = 1; id <= Cards; id++)
        {
            var due = (await queue.DueMsAsync(id))!.Value;
            Assert.InRange(due, queue.NowMs + 1, Math.Max(queue.NowMs, Checked(id) + 36_000) + Minute);
            Assert.True(due > Checked(id) + Minute / 2);
            perSecond[(due - queue.NowMs) / 1000]++;
        }

        Assert.InRange(reply!.Moved, Cards * 97 / 100, Cards);
        Assert.InRange(perSecond.Max(), Cards / 60, 2 * Cards / 60);
        Assert.Equal(0, (await queue.MoveAsync(Checked))!.Moved);
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task A_longer_interval_has_no_card_asked_sooner_and_is_spread(Engine engine)
    {
        var (queue, checkedMs) = await CheckedAsync(engines, engine, Minute);
        await SetIntervalAsync(queue, Hour);
        var before = await DuesAsync(queue);
        var reply = await queue.MoveAsync(checkedMs);

        Assert.Equal((Cards, 0), (reply!.Moved, reply.Ended));
        var after = await DuesAsync(queue);
        Assert.All(after, card =>
        {
            Assert.True(PhaseGrid.Holds(card.Key, Hour, card.Value));
            Assert.InRange(card.Value, Math.Max(before[card.Key], checkedMs(card.Key) + Hour * 6 / 10), checkedMs(card.Key) + 2 * Hour);
        });
        Assert.InRange(after.GroupBy(card => card.Value / Minute).Max(minute => minute.Count()), Cards / 60, Cards / 60 + 3);
        Assert.Equal(0, (await queue.MoveAsync(checkedMs))!.Moved);
    }

    [Fact]
    public async Task A_change_that_is_taken_back_puts_every_card_where_it_was_or_sooner()
    {
        var (queue, checkedMs) = await CheckedAsync(engines, Engine.Redis, Minute);
        var before = await DuesAsync(queue);
        await SetIntervalAsync(queue, Hour);

        // The scheduler dies in the middle.
        var half = before.Keys.Take(MoveScript.CardsPerScript).ToArray();
        Assert.Equal(MoveScript.CardsPerScript, (await queue.Move.MoveAsync(TestQueue.Type, TestQueue.Epoch, 1, Rules(Hour), half, half.ToDictionary(id => id, checkedMs)))!.Moved);
        await SetIntervalAsync(queue, Minute);
        Assert.Equal(MoveScript.CardsPerScript, (await queue.MoveAsync(checkedMs))!.Moved);
        Assert.Equal(before, await DuesAsync(queue));
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task Cards_without_a_configuration_leave_and_come_back_with_their_phases(Engine engine)
    {
        var (queue, checkedMs) = await CheckedAsync(engines, engine, Hour);
        var facts = Enumerable.Range(1, Cards).Select(id => TestQueue.Card(id)).ToArray();
        await queue.AddAccountAsync(1, rules: []);
        Assert.Equal((0, Cards), ((await queue.MoveAsync(checkedMs))!.Moved, (await queue.MoveAsync(checkedMs))?.Ended + Cards));
        Assert.Empty(await queue.PlacesAsync());
        Assert.All(await queue.Audit.LookAsync(TestQueue.Type, facts), finding => Assert.Equal(AuditFinding.Fine, finding));

        // A day later: none of them is late.
        await queue.AdvanceAsync(TimeSpan.FromDays(1));
        await SetIntervalAsync(queue, Hour);
        Assert.All(await queue.Audit.LookAsync(TestQueue.Type, facts), finding => Assert.Equal(AuditFinding.ToPlace, finding));
        await queue.Placement.PlaceAsync(TestQueue.Type, TestQueue.Epoch, [.. facts.Select(f => new CardToPlace(f, checkedMs(f.CardId)))], PlacementKind.Afresh);
        Assert.All(await DuesAsync(queue), card =>
        {
            Assert.True(PhaseGrid.Holds(card.Key, Hour, card.Value));
            Assert.InRange(card.Value, queue.NowMs, queue.NowMs + Hour);
        });
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task Cards_that_are_due_queued_leased_or_about_to_be_asked_again_stay(Engine engine)
    {
        var queue = await TestQueue.StartAsync(engines, engine);
        await SetIntervalAsync(queue, Hour);
        await queue.PlaceDueAsync(Enumerable.Range(1, 40).Select(id => TestQueue.Card(id)));
        await queue.PromoteAsync();
        var claimed = await queue.ClaimAsync(2);
        await queue.CompleteAsync(claimed[0], Polling.Core.Queue.Completion.CardOutcome.Failed);
        await queue.PlaceDueAsync(TestQueue.Card(41));
        var before = (await queue.PlacesAsync()).SelectMany(card => card.Select(place => (card.Key, place))).Order().ToArray();
        var dues = await DuesAsync(queue);

        await SetIntervalAsync(queue, Minute);
        Assert.Equal((0, 0), await queue.MoveAsync(_ => 0) is { } reply ? (reply.Moved, reply.Ended) : default);
        Assert.Equal(before, (await queue.PlacesAsync()).SelectMany(card => card.Select(place => (card.Key, place))).Order());
        Assert.Equal(dues, await DuesAsync(queue));
        await queue.CompleteAsync(claimed[1]);
        Assert.All(claimed[1].Cards, card => Assert.True(PhaseGrid.Holds(card.CardId, Minute, queue.DueMsAsync(card.CardId).Result!.Value)));
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task Nothing_moves_by_rules_that_are_others_by_now_nor_before_the_last_check_is_known(Engine engine)
    {
        var (queue, checkedMs) = await CheckedAsync(engines, engine, Hour);
        await SetIntervalAsync(queue, Minute);
        var before = await DuesAsync(queue);

        Assert.Null(await queue.MoveAsync(checkedMs, rules: Rules(2 * Minute)));
        var ids = before.Keys.Take(MoveScript.CardsPerScript).ToArray();
        var reply = await queue.Move.MoveAsync(TestQueue.Type, TestQueue.Epoch, 1, Rules(Minute), ids, new Dictionary<long, long>());
        Assert.Equal(0, reply!.Moved);
        Assert.Equal(ids, reply.Open);
        Assert.Equal(before, await DuesAsync(queue));
    }

    // Cards that are asked at each point of their grid, as in a steady state.
    private static async Task<(TestQueue Queue, Func<long, long> CheckedMs)> CheckedAsync(Engines engines, Engine engine, long intervalMs)
    {
        var queue = await TestQueue.StartAsync(engines, engine);
        await SetIntervalAsync(queue, intervalMs);
        var start = queue.NowMs;
        var checks = Enumerable.Range(1, Cards).ToDictionary(id => (long)id, id => PhaseGrid.Next(id, intervalMs, start - intervalMs * 16 / 10));
        Assert.All(checks.Values, ms => Assert.InRange(ms, start - intervalMs, start));
        await queue.Placement.PlaceAsync(
            TestQueue.Type, TestQueue.Epoch, [.. checks.Select(check => new CardToPlace(TestQueue.Card(check.Key), check.Value))]);
        return (queue, id => checks[id]);
    }

    private static Task SetIntervalAsync(TestQueue queue, long intervalMs) =>
        queue.AddAccountAsync(1, rules: IntervalRules.Parse(Rules(intervalMs)).Rules);

    private static string Rules(long intervalMs) => $"*,*,*,{intervalMs},1;";

    private static async Task<SortedDictionary<long, long>> DuesAsync(TestQueue queue) => new(
        (await queue.Redis.SortedSetRangeByRankWithScoresAsync(queue.Keys.Schedule(TestQueue.Type, 1))).ToDictionary(c => (long)c.Element, c => (long)c.Score));
}
