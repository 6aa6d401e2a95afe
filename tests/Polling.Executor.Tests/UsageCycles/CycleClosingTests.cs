using System.Globalization;
using Polling.Core.Persistence.Usage;
using Polling.Executor.Tests.Results;

namespace Polling.Executor.Tests.UsageCycles;

/// <summary>How cycles that are over come to their last word.</summary>
public sealed class CycleClosingTests(LedgerDatabase database) : IClassFixture<LedgerDatabase>, IAsyncLifetime
{
    private CycleClosing Closing => new(database.Results.Source);

    // Closing looks at all cards there are: each test begins with none.
    public async ValueTask InitializeAsync() => await database.ExecuteAsync("TRUNCATE tb_usage_cycle, tb_usage_daily");

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Without_a_statement_a_cycle_is_closed_with_its_last_reading_after_the_grace_and_tells_its_gap()
    {
        var cards = await database.TakeAsync(3, billingDay: 27);
        await DialectAsync(cards, "onelink");
        await cards.ReadAsync("2026-10-20T12:00 690", 0);
        await cards.ReadAsync("2026-10-26T12:00 700", 0);
        await cards.ReadAsync("2026-10-27T00:30 705", 0);
        await cards.ReadAsync("2026-10-26T23:00 100", 1);
        await cards.ReadAsync("2026-10-28T12:00 5 asof 2026-10-28T11:00", 2);
        await cards.ReadAsync("2026-10-27T02:00 1", 0);
        Assert.Equal(0, (await CloseAsync("2026-10-28T23:59+08:00")).Closed);
        Assert.Equal(new ClosedCycles(2, 1, TimeSpan.FromHours(1)), await CloseAsync("2026-10-29T00:01+08:00"));
        Assert.Equal(0, (await CloseAsync("2026-10-29T00:02+08:00")).Closed);
        Assert.Equal(["705 1 ", "1  ", "100 1 3600", "5  "], await StateAsync(cards));
    }

    /// <summary>A carrier says neither cycle nor as-of, and its figure was not seen to begin anew: what it showed after the end may have been the new cycle's.</summary>
    [Fact]
    public async Task What_may_have_been_the_new_cycles_is_taken_back_and_told_as_a_gap()
    {
        var cards = await database.TakeAsync(2);
        await DialectAsync(cards, "onelink");
        var pool = await database.ScalarAsync<int>($"INSERT INTO tb_usage_pool (code, name, account_id, allowance_bytes) VALUES ('G{cards.Id}', 'G', {cards.Account}, 1) RETURNING id");
        await database.ExecuteAsync($"UPDATE tb_card SET pool_id = {pool} WHERE id IN ({cards.List})");
        await cards.ReadAsync("2026-10-28T10:00 10", 0);
        await cards.ReadAsync("2026-10-31T22:00 11", 0);
        await cards.ReadAsync("2026-11-01T05:00 500", 0);
        await cards.ReadAsync("2026-11-01T05:00 70", 1);
        await cards.ReadAsync("2026-11-03T00:01 700", 0);
        Assert.Equal(new ClosedCycles(2, 2, TimeSpan.FromDays(31)), await CloseAsync("2026-11-03T00:02+08:00"));
        Assert.Equal(["11 1 7200", "700  ", "0 1 2678400"], await StateAsync(cards));
        Assert.Equal(["11", "700"], await database.LinesAsync($"SELECT used_bytes FROM tb_usage_pool_cycle WHERE pool_id = {pool} ORDER BY cycle"));
    }

    [Fact]
    public async Task What_a_carrier_states_is_asked_for_held_tried_again_and_is_the_last_word()
    {
        var cards = await database.TakeAsync(2);
        var pool = await database.ScalarAsync<int>($"INSERT INTO tb_usage_pool (code, name, account_id, allowance_bytes) VALUES ('S{cards.Id}', 'S', {cards.Account}, 1) RETURNING id");
        await database.ExecuteAsync($"UPDATE tb_card SET pool_id = {pool} WHERE id IN ({cards.List})");
        await DialectAsync(cards, "telecom");
        await cards.ReadAsync("2026-10-31T12:00 100", 0);
        await cards.ReadAsync("2026-10-31T13:00 200", 1);
        Assert.Empty(await TakeAsync("2026-11-01T05:59+08:00"));
        var taken = await Task.WhenAll(TakeAsync("2026-11-01T06:01+08:00"), TakeAsync("2026-11-01T06:01+08:00"));
        var cycles = taken.SelectMany(t => t).OrderBy(c => c.CardId).ToArray();
        Assert.Equal(cards.Ids, cycles.Select(c => c.CardId));
        Assert.Empty(await TakeAsync("2026-11-01T06:05+08:00"));

        // Whoever held them has died; one is stated higher, then the other is refused twice and stated lower.
        cycles = [.. (await TakeAsync("2026-11-01T06:12+08:00")).OrderBy(c => c.CardId)];
        Assert.True(await Closing.StateAsync(cycles[0], 150, At("2026-11-01T06:13+08:00"), Stop));
        Assert.False(await Closing.StateAsync(cycles[0], 160, At("2026-11-01T06:14+08:00"), Stop));
        await Closing.GiveBackAsync(cycles[1], At("2026-11-01T06:14+08:00"), TimeSpan.FromMinutes(5), wasAsked: true, Stop);
        Assert.Empty(await TakeAsync("2026-11-01T06:20+08:00"));
        await Closing.GiveBackAsync(cycles[1], At("2026-11-01T06:21+08:00"), TimeSpan.FromSeconds(1), wasAsked: false, Stop);
        Assert.Equal(cards.Ids[1], Assert.Single(await TakeAsync("2026-11-01T06:22+08:00")).CardId);
        Assert.True(await Closing.StateAsync(cycles[1], 190, At("2026-11-01T06:23+08:00"), Stop));

        await cards.ReadAsync("2026-11-02T12:00 999 cycle 2026-10-01", 0);
        Assert.Equal(["150 2 ", "190 2 "], await StateAsync(cards));
        Assert.Equal(["2026-10-31 150", "2026-10-31 200"], await cards.DaysAsync());
        Assert.Equal(340, await database.ScalarAsync<long>($"SELECT used_bytes FROM tb_usage_pool_cycle WHERE pool_id = {pool}"));
        Assert.Equal(0, (await CloseAsync("2026-12-01T00:00+08:00")).Closed);
    }

    [Fact]
    public async Task A_carrier_that_does_not_state_it_in_a_week_is_no_longer_waited_for()
    {
        var cards = await database.TakeAsync(1);
        await DialectAsync(cards, "jasper");
        await cards.ReadAsync("2026-08-31T22:00 100");
        await CloseAsync("2026-09-07T23:00+08:00");
        Assert.Equal(["100  "], await StateAsync(cards));
        await CloseAsync("2026-09-08T01:00+08:00");
        Assert.Equal(["100 1 7200"], await StateAsync(cards));
    }

    private static CancellationToken Stop => LedgerDatabase.Stop;

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);

    private Task DialectAsync(LedgerCards cards, string dialect) => database.ExecuteAsync($"UPDATE tb_carrier_account SET dialect = '{dialect}' WHERE id = {cards.Account}");

    private Task<ClosedCycles> CloseAsync(string now) => Closing.CloseAsync(100, At(now), _ => Task.CompletedTask, Stop);

    private Task<IReadOnlyList<EndedCycle>> TakeAsync(string now) => Closing.TakeAsync(2, At(now), TimeSpan.FromMinutes(10), Stop);

    private Task<string[]> StateAsync(LedgerCards cards) => database.LinesAsync(
        $"SELECT used_bytes, closed_by, gap_seconds FROM tb_usage_cycle WHERE card_id IN ({cards.List}) ORDER BY card_id, cycle");
}
