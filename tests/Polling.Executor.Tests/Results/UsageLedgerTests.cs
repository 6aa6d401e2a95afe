using Polling.Core.Cards;
using Polling.Core.Carriers;
using Polling.Core.Configuration;
using Polling.Core.Persistence.Results;

namespace Polling.Executor.Tests.Results;

/// <summary>Which cycle a reading belongs to and what the ledger says then.</summary>
public sealed class UsageLedgerTests(LedgerDatabase database) : IClassFixture<LedgerDatabase>
{
    private const string Shanghai = CarrierAccount.DefaultTimeZone;
    private const string NewYork = "America/New_York";

    public static TheoryData<string, string, int, string, string> Cases => new()
    {
        { "grows, falls, grows", Shanghai, 1,
            "2026-11-10T10:00 100|2026-11-10T11:00 40|2026-11-10T12:00 130",
            "2026-11-01 130 falling 1 late 0" },
        { "the carrier's cycle counts before everything", Shanghai, 1,
            "2026-11-01T09:00 500 cycle 2026-10-01|2026-11-01T10:00 3 cycle 2026-11-01|2026-11-01T11:00 510 cycle 2026-10-01",
            "2026-10-01 510 falling 0 late 2|2026-11-01 3 falling 0 late 0" },
        { "then as of when it is", Shanghai, 1,
            "2026-11-01T09:00 500 asof 2026-10-31T23:50|2026-11-01T10:00 3 asof 2026-11-01T00:10",
            "2026-10-01 500 falling 0 late 1|2026-11-01 3 falling 0 late 0" },
        { "an older figure that comes late is none that fell", Shanghai, 1,
            "2026-11-10T10:00 100 asof 2026-11-10T09:00|2026-11-10T11:00 80 asof 2026-11-10T07:00",
            "2026-11-01 100 falling 0 late 0" },
        { "a silent carrier goes on showing the old month", Shanghai, 1,
            "2026-10-28T23:00 800|2026-10-31T23:00 900|2026-11-01T01:00 900|2026-11-01T20:00 905|2026-11-02T09:00 7|2026-11-02T10:00 20",
            "2026-10-01 905 falling 0 late 2|2026-11-01 20 falling 0 late 0" },
        { "its old figure, late or fallen, begins no new month", Shanghai, 1,
            "2026-10-28T23:00 800|2026-10-31T23:00 900|2026-11-01T01:00 899|2026-11-01T02:00 810|2026-11-01T03:00 400|2026-11-01T04:00 399",
            "2026-10-01 900 falling 3 late 3|2026-11-01 399 falling 0 late 0" },
        { "nor does it count in one that has begun; one that falls there does", Shanghai, 1,
            "2026-10-28T23:00 800|2026-11-01T01:00 7|2026-11-01T02:00 905|2026-11-01T03:00 9|2026-11-01T04:00 8|2026-11-02T23:59 400|2026-11-03T00:01 60",
            "2026-10-01 800 falling 0 late 0|2026-11-01 60 falling 1 late 0" },
        { "what it used in the last two days may still be missing in an old figure", Shanghai, 1,
            "2026-10-28T23:00 100|2026-10-31T23:00 900|2026-11-01T01:00 60|2026-11-01T02:00 49",
            "2026-10-01 900 falling 1 late 1|2026-11-01 49 falling 0 late 0" },
        { "little in the old month and much in the new is told apart after the grace", Shanghai, 1,
            "2026-10-28T23:00 10|2026-11-01T05:00 30|2026-11-02T05:00 500|2026-11-03T00:01 700",
            "2026-10-01 500 falling 0 late 2|2026-11-01 700 falling 0 late 0" },
        { "after the grace it is the new month's whatever it is", Shanghai, 1,
            "2026-10-31T23:00 900|2026-11-02T23:59 900|2026-11-03T00:01 950",
            "2026-10-01 900 falling 0 late 1|2026-11-01 950 falling 0 late 0" },
        { "in the grace a card that was never seen may show the old month", Shanghai, 1,
            "2026-11-01T05:00 900|2026-11-01T08:00 2|2026-11-03T00:01 3",
            "2026-10-01 900 falling 1 late 2|2026-11-01 3 falling 0 late 0" },
        { "from the 27th", Shanghai, 27,
            "2026-11-20T23:59 690|2026-11-26T23:59 700|2026-11-27T00:10 700|2026-11-27T09:00 4|2026-12-23T12:00 60|2026-12-29T12:00 5",
            "2026-10-27 700 falling 0 late 1|2026-11-27 60 falling 0 late 0|2026-12-27 5 falling 0 late 0" },
        { "the 27th, with the carrier's cycle and as-of", Shanghai, 27,
            "2026-02-27T03:00 800 cycle 2026-01-27 asof 2026-02-26T22:00|2026-02-27T06:00 1 cycle 2026-02-27 asof 2026-02-27T01:00",
            "2026-01-27 800 falling 0 late 1|2026-02-27 1 falling 0 late 0" },
        { "the month of a zone with summer time begins by its own clock", NewYork, 1,
            "2026-10-31T23:59 100|2026-11-01T00:30 5 asof 2026-11-01T00:01|2026-11-01T03:00 9 asof 2026-11-01T02:30|2026-11-30T23:30 40 asof 2026-11-30T23:20",
            "2026-10-01 100 falling 0 late 0|2026-11-01 40 falling 0 late 0" },
        { "what cannot be is no reading", Shanghai, 1,
            "2026-11-10T10:00 100|2026-11-10T11:00 1125899906842625|2026-11-10T12:00 900 asof 0001|2026-11-10T12:10 900 asof 2026-11-12T12:00"
                + "|2026-11-10T13:00 900 cycle 2026-11-01 asof 2026-10-30T12:00|2026-11-10T14:00 900 cycle 2027-03-01|2026-11-10T15:00 900 cycle 2019-01-01",
            "2026-11-01 100 falling 0 late 0" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_reading_goes_to_its_cycle(string why, string zone, int billingDay, string readings, string ledger)
    {
        Assert.NotEmpty(why);
        var cards = await database.TakeAsync(1, zone, billingDay);
        foreach (var reading in readings.Split('|'))
        {
            await cards.ReadAsync(reading);
        }

        Assert.Equal(ledger.Split('|'), await cards.LedgerAsync());

        // Each reading is kept, whatever the ledger makes of it; the days are what the cycles grew by.
        Assert.Equal(readings.Split('|').Length, await database.ScalarAsync<int>($"SELECT count(*)::int FROM tb_usage_record WHERE card_id = {cards.Id}"));
        Assert.True(await database.ScalarAsync<bool>(
            $"""
            SELECT (SELECT sum(used_bytes) FROM tb_usage_daily WHERE card_id = {cards.Id}) = (SELECT sum(used_bytes) FROM tb_usage_cycle WHERE card_id = {cards.Id})
              AND NOT EXISTS (SELECT FROM tb_usage_daily WHERE card_id = {cards.Id} AND used_bytes <= 0)
            """));
    }

    [Fact]
    public async Task Days_grow_by_the_day_in_the_accounts_zone_that_the_figure_is_of()
    {
        var cards = await database.TakeAsync(1, NewYork);
        foreach (var reading in (string[])["2026-11-08T23:30 100", "2026-11-09T00:30 130 asof 2026-11-08T23:50", "2026-11-09T05:00 150", "2026-11-09T06:00 140"])
        {
            await cards.ReadAsync(reading);
        }

        Assert.Equal(["2026-11-08 130", "2026-11-09 20"], await cards.DaysAsync());
    }

    [Fact]
    public async Task An_account_whose_zone_the_server_does_not_know_is_reckoned_in_UTC_plus_8()
    {
        var cards = await database.TakeAsync(1);
        await database.ExecuteAsync($"UPDATE tb_carrier_account SET time_zone = 'Mars/Olympus' WHERE id = {cards.Account}");
        await cards.ReadAsync("2026-11-05T00:30 100");
        Assert.Equal(["2026-11-05 100"], await cards.DaysAsync());
    }

    [Fact]
    public async Task The_reading_of_an_account_that_is_gone_is_a_check_and_nothing_more()
    {
        var cards = await database.TakeAsync(1);
        await database.Results.CommitAsync(cards.Reading("2026-11-05T12:00 100") with { AccountId = int.MaxValue });

        Assert.Equal((short)PollOutcome.Success, await database.ScalarAsync<short>($"SELECT outcome FROM tb_card_poll WHERE card_id = {cards.Id}"));
        Assert.Empty(await cards.LedgerAsync());
        Assert.Equal(0, await database.ScalarAsync<long>($"SELECT count(*) FROM tb_usage_record WHERE card_id = {cards.Id}"));
    }

    [Fact]
    public async Task A_closed_cycle_takes_late_readings_unless_the_carrier_has_stated_it()
    {
        var cards = await database.TakeAsync(2);
        foreach (var card in (int[])[0, 1])
        {
            await cards.ReadAsync("2026-10-31T12:00 100", card);
        }

        await database.ExecuteAsync(
            $"""
            UPDATE tb_usage_cycle SET closed_at = now(), closed_by = 1, gap_seconds = 43200 WHERE card_id = {cards.Ids[0]};
            UPDATE tb_usage_cycle SET closed_at = now(), closed_by = 2 WHERE card_id = {cards.Ids[1]};
            """);
        foreach (var card in (int[])[0, 1])
        {
            await cards.ReadAsync("2026-11-04T12:00 120 asof 2026-10-31T18:00", card);
        }

        Assert.Equal(["2026-10-01 120 falling 0 late 1", "2026-10-01 100 falling 0 late 1"], await cards.LedgerAsync());
        Assert.Equal(21_600, await database.ScalarAsync<int>($"SELECT gap_seconds FROM tb_usage_cycle WHERE card_id = {cards.Ids[0]}"));
    }

    [Fact]
    public async Task The_rate_rises_at_once_falls_slowly_and_is_never_negative()
    {
        var cards = await database.TakeAsync(1);
        var rates = new List<double>();
        foreach (var reading in (string[])["2026-11-10T00:00 2160", "2026-11-10T02:00 2180", "2026-11-10T03:00 3180", "2026-11-10T04:00 100", "2026-11-10T05:00 3180", "2026-11-10T05:00 3180"])
        {
            await cards.ReadAsync(reading);
            rates.Add(await database.ScalarAsync<double>($"SELECT bytes_per_hour FROM tb_usage_cycle WHERE card_id = {cards.Id}"));
        }

        Assert.Equal(10, rates[0], 0.001);
        Assert.Equal(10, rates[1], 0.001);
        Assert.InRange(rates[2], 600, 1000);
        Assert.InRange(rates[3], rates[2] * 0.9, rates[2]);
        Assert.InRange(rates[4], rates[3] * 0.9, rates[3]);
        Assert.Equal(rates[4], rates[5]);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(ResultDatabase.CopyFromRows + 10)]
    public async Task Replays_and_older_tokens_change_nothing(int count)
    {
        var cards = await database.TakeAsync(count > 100 ? 1 : count);
        var pool = await database.ScalarAsync<int>($"INSERT INTO tb_usage_pool (code, name, account_id, allowance_bytes) VALUES ('R{cards.Id}', 'R', {cards.Account}, 1) RETURNING id");
        await database.ExecuteAsync($"UPDATE tb_card SET pool_id = {pool} WHERE id IN ({cards.List})");
        var old = cards.Reading("2026-11-10T09:00 5000", token: database.NextToken());

        // Filled up with results that nobody looks at, so that it goes by COPY.
        CardResult[] batch = [
            .. cards.Ids.Select((_, i) => cards.Reading("2026-11-10T10:00 100", i)),
            .. Enumerable.Range(0, Math.Max(0, count - cards.Ids.Length)).Select(i => old with { CardId = 900_000_000 + i })];
        await database.Results.CommitAsync(batch);
        var before = await StateAsync();
        Assert.Equal(0, (await database.Results.CommitAsync(batch)).AcceptedCount);
        Assert.Equal(0, (await database.Results.CommitAsync(old)).AcceptedCount);
        Assert.Equal(before, await StateAsync());
        Assert.Equal(cards.Ids.Length * 100, await database.ScalarAsync<long>($"SELECT used_bytes FROM tb_usage_pool_cycle WHERE pool_id = {pool}"));

        Task<string[]> StateAsync() => database.LinesAsync(
            $"""
            SELECT u::text FROM tb_usage_cycle u WHERE card_id IN ({cards.List}) UNION ALL SELECT d::text FROM tb_usage_daily d WHERE card_id IN ({cards.List})
            UNION ALL SELECT y::text FROM tb_usage_pool_cycle y WHERE pool_id = {pool} UNION ALL SELECT s::text FROM tb_suspension s WHERE card_id IN ({cards.List})
            """);
    }

    [Fact]
    public async Task Writers_side_by_side_agree_on_ledger_days_and_pools()
    {
        var cards = await database.TakeAsync(60);
        int[] pools = [.. await Task.WhenAll(Enumerable.Range(0, 3).Select(i => database.ScalarAsync<int>(
            $"INSERT INTO tb_usage_pool (code, name, account_id, allowance_bytes) VALUES ('W{i}', 'W', {cards.Account}, 1) RETURNING id")))];
        await database.ExecuteAsync($"UPDATE tb_card SET pool_id = {pools[0]} + id % 3 WHERE id IN ({cards.List})");
        await Task.WhenAll(Enumerable.Range(1, 12).Select(round => database.Results.CommitAsync(
            [.. Enumerable.Range(0, 60).OrderBy(i => (i * 7 + round) % 60).Select(i => (CardResult)cards.Reading($"2026-11-10T10:{round:D2} {round * 100 + i}", i, token: round))])));

        Assert.Equal(Enumerable.Range(0, 60).Select(i => $"{1200 + i}"), await database.LinesAsync($"SELECT used_bytes FROM tb_usage_cycle WHERE card_id IN ({cards.List}) ORDER BY card_id"));
        Assert.Equal(60, await database.ScalarAsync<int>(
            $"SELECT count(*)::int FROM tb_usage_cycle u JOIN tb_usage_daily d USING (card_id) WHERE card_id IN ({cards.List}) AND d.used_bytes = u.used_bytes"));
        Assert.True(await database.ScalarAsync<bool>(
            $"""
            SELECT bool_and(y.used_bytes = (SELECT sum(u.used_bytes) FROM tb_usage_cycle u JOIN tb_card c ON c.id = u.card_id WHERE c.pool_id = y.pool_id))
            FROM tb_usage_pool_cycle y WHERE y.pool_id BETWEEN {pools[0]} AND {pools[0] + 2}
            """));
        Assert.Equal(0, (await database.Results.CommitAsync(cards.Reading("2026-11-10T11:00 9999", 0, token: 11))).AcceptedCount);
        Assert.Equal(TaskType.Carddata, cards.Reading("2026-11-10T11:00 9").Type);
    }
}
