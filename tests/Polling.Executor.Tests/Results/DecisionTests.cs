using Polling.Core.Cards;
using Polling.Core.Persistence.Suspensions;
using Polling.Core.Suspensions;

namespace Polling.Executor.Tests.Results;

/// <summary>Who is over his limit, and that the intent is written with the reading that shows it.</summary>
public sealed class DecisionTests(LedgerDatabase database) : IClassFixture<LedgerDatabase>
{
    private const string Late = "2026-11-10T10:00";

    /// <summary>Why; what is changed before (account, card, package: {a}, {c}, {p}); the reading; the suspensions.</summary>
    public static TheoryData<string, string, string, string> Cases => new()
    {
        { "under", "", $"{Late} 1000", "" },
        { "over", "", $"{Late} 1001", "1 2026-11-01 1 1 1001 1000" },
        { "over 120 %", "UPDATE tb_package SET limit_percent = 120 WHERE id = {p}", $"{Late} 1201", "1 2026-11-01 1 1 1201 1200" },
        { "under 120 %", "UPDATE tb_package SET limit_percent = 120 WHERE id = {p}", $"{Late} 1200", "" },
        { "an add-on of this cycle", "INSERT INTO tb_package_addon (card_id, cycle, allowance_bytes, reference, created_by) VALUES ({c}, '2026-11-01', 500, 'n{c}', 'x')", $"{Late} 1500", "" },
        { "an add-on of another", "INSERT INTO tb_package_addon (card_id, cycle, allowance_bytes, reference, created_by) VALUES ({c}, '2026-10-01', 500, 'o{c}', 'x')", $"{Late} 1500", "1 2026-11-01 1 1 1500 1000" },
        { "no package", "UPDATE tb_card SET package_id = NULL WHERE id = {c}", $"{Late} 5000", "" },
        { "the old cycle's reading", "", $"{Late} 5000 cycle 2026-10-01", "" },
        { "as of too long ago", "", $"{Late} 5000 asof 2026-11-10T07:59", "" },
        { "as of just fresh", "", $"{Late} 5000 asof 2026-11-10T08:01", "1 2026-11-01 1 1 5000 1000" },
        { "mode off", "UPDATE tb_carrier_account SET suspension_mode = 'off' WHERE id = {a}", $"{Late} 5000", "" },
        { "dry run", "UPDATE tb_carrier_account SET suspension_mode = 'dry_run' WHERE id = {a}", $"{Late} 5000", "1 2026-11-01 1 13 5000 1000" },
        { "exempt", "INSERT INTO tb_suspension_exemption (card_id, reason, created_by) VALUES ({c}, 'ambulance', 'x')", $"{Late} 5000", "" },
        { "no longer exempt", "INSERT INTO tb_suspension_exemption (card_id, reason, until, created_by) VALUES ({c}, 'ambulance', '2026-11-10 00:00+08', 'x')", $"{Late} 5000", "1 2026-11-01 1 1 5000 1000" },
        { "in stock", "UPDATE tb_card SET status = 0 WHERE id = {c}", $"{Late} 5000", "" },
        { "stopped by its carrier", "INSERT INTO tb_card_stop (card_id, stopped_by, since, checked_at) VALUES ({c}, 3, now(), now())", $"{Late} 5000", "" },
        { "let go on before", "INSERT INTO tb_card_stop (card_id, episode, since, checked_at) VALUES ({c}, 4, now(), now())", $"{Late} 5000", "1 2026-11-01 4 1 5000 1000" },
        { "without a real name", "UPDATE tb_package SET real_name_above_bytes = 100 WHERE id = {p}", $"{Late} 101", "3 2026-11-01 1 1 101 100" },
        { "without a real name, little", "UPDATE tb_package SET real_name_above_bytes = 100 WHERE id = {p}", $"{Late} 100", "" },
        { "with a real name", "UPDATE tb_package SET real_name_above_bytes = 100 WHERE id = {p}; UPDATE tb_card SET real_name_status = 1 WHERE id = {c}", $"{Late} 101", "" },
        { "directional", "UPDATE tb_package SET real_name_above_bytes = 100, is_directional = true WHERE id = {p}", $"{Late} 101", "" },
        { "two reasons are one suspension", "UPDATE tb_package SET real_name_above_bytes = 100 WHERE id = {p}", $"{Late} 1001", "1 2026-11-01 1 1 1001 1000" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_card_is_suspended_if_it_is_over_and_only_then(string why, string change, string reading, string suspensions)
    {
        Assert.NotEmpty(why);
        var (cards, package) = await CardAsync(1000);
        if (change.Length > 0)
        {
            await database.ExecuteAsync(change.Replace("{a}", $"{cards.Account}", StringComparison.Ordinal).Replace("{c}", $"{cards.Id}", StringComparison.Ordinal)
                .Replace("{p}", $"{package}", StringComparison.Ordinal));
        }

        var committed = await cards.ReadAsync(reading);
        await cards.ReadAsync($"{reading} ".TrimEnd());
        Assert.Equal(suspensions.Length == 0 ? [] : [suspensions], await cards.SuspensionsAsync());
        Assert.Equal(suspensions.Length > 0, committed.Standing(cards.Id)?.SuspensionId is not null);

        // The same expression, read by itself, says the same.
        var standing = (await new OverLimit(database.Results.Source).ReadAsync([cards.Id], cards.Reading(reading).CheckedAt, LedgerDatabase.Stop))[cards.Id];
        Assert.Equal(suspensions.Length > 0, standing.MaySuspend);
        Assert.Equal(new DateOnly(2026, 11, 1), standing.Cycle);
        if (suspensions.Length > 0)
        {
            Assert.Equal(suspensions, $"{(int?)standing.Rule} {standing.Cycle:yyyy-MM-dd} {standing.Episode} {suspensions.Split(' ')[3]} {standing.UsedBytes} {standing.LimitBytes}");
            Assert.Contains($"{standing.UsedBytes} bytes", standing.Reason, StringComparison.Ordinal);
        }
    }

    /// <summary>A carrier that says neither cycle nor as-of: in the grace only what cannot be the old cycle's shows that a card is over.</summary>
    [Theory]
    [InlineData("2026-11-01T01:00 4900|2026-11-01T02:00 4400", "")] // Late, fallen.
    [InlineData("2026-11-01T01:00 3|2026-11-01T02:00 4950", "")] // The old figure once more after the new one.
    [InlineData("2026-11-01T01:00 3|2026-11-01T02:00 1001", "1 2026-11-01 1 1 1001 1000")]
    [InlineData("2026-11-01T01:00 1500", "1 2026-11-01 1 1 1500 1000")]
    [InlineData("2026-11-01T01:00 2600|2026-11-02T23:59 2900|2026-11-03T00:01 3000", "1 2026-11-01 1 1 3000 1000")]
    [InlineData("2026-11-01T01:00 5000|2026-11-01T02:00 3|2026-11-01T03:00 4950|2026-11-03T00:01 20", "")]
    public async Task After_a_reset_a_silent_carriers_old_figure_suspends_nobody(string readings, string suspensions)
    {
        var (cards, _) = await CardAsync(1000);
        await database.ExecuteAsync($"UPDATE tb_carrier_account SET suspension_mode = 'off' WHERE id = {cards.Account}");
        await cards.ReadAsync("2026-10-28T12:00 4800");
        await cards.ReadAsync("2026-10-31T23:00 5000");
        await database.ExecuteAsync($"UPDATE tb_carrier_account SET suspension_mode = 'on' WHERE id = {cards.Account}");
        foreach (var reading in readings.Split('|'))
        {
            await cards.ReadAsync(reading);
        }

        Assert.Equal(suspensions.Length == 0 ? [] : [suspensions], await cards.SuspensionsAsync());
    }

    [Theory]
    [InlineData(11, 1100)] // Void: the carrier told a lower figure when it was asked again.
    [InlineData(10, 1001)]
    [InlineData(12, 1001)]
    public async Task Of_those_that_ended_only_a_void_one_goes_on_with_the_next_reading(int state, int used)
    {
        var (cards, _) = await CardAsync(1000);
        await cards.ReadAsync($"{Late} 1001");
        await database.ExecuteAsync($"UPDATE tb_suspension SET state = {state}, attempts = 3, sent_at = now(), finished_at = now() WHERE card_id = {cards.Id}");
        await cards.ReadAsync("2026-11-10T12:00 1100");
        Assert.Equal([$"1 2026-11-01 1 {(state == 11 ? 1 : state)} {used} 1000"], await cards.SuspensionsAsync());
    }

    [Fact]
    public async Task What_a_person_has_discarded_stays_void_for_its_episode()
    {
        var (cards, _) = await CardAsync(1000);
        await cards.ReadAsync($"{Late} 1001");
        await database.ExecuteAsync(
            $"""
            UPDATE tb_suspension SET state = 2 WHERE card_id = {cards.Id};
            INSERT INTO tb_suspension_breaker (account_id, is_tripped, tripped_at, reason) VALUES ({cards.Account}, true, now(), 'x');
            """);
        var release = new BreakerRelease(database.Results.Source);
        Assert.Equal(1, await release.ReleaseAsync(cards.Account, discard: true, "ops", cards.Reading($"{Late} 0").CheckedAt, LedgerDatabase.Stop));
        await cards.ReadAsync("2026-11-10T12:00 1100");
        Assert.Equal(["1 2026-11-01 1 11 1001 1000"], await cards.SuspensionsAsync());

        await database.ExecuteAsync($"INSERT INTO tb_card_stop (card_id, episode, since, checked_at) VALUES ({cards.Id}, 2, now(), now())");
        await cards.ReadAsync("2026-11-10T13:00 1200");
        Assert.Equal("1 2026-11-01 2 1 1200 1000", (await cards.SuspensionsAsync())[1]);
    }

    [Fact]
    public async Task The_package_check_decides_too_by_the_ledger()
    {
        var (cards, package) = await CardAsync(1000);
        await cards.ReadAsync($"{Late} 900");
        await database.ExecuteAsync($"UPDATE tb_package SET allowance_bytes = 800 WHERE id = {package}");
        await database.Results.CommitAsync(cards.Package("2026-11-10T10:30"));
        Assert.Equal(["1 2026-11-01 1 1 900 800"], await cards.SuspensionsAsync());

        // Three hours later the reading is too old to be decided by, and whoever asks is told so.
        var (other, _) = await CardAsync(1000);
        await other.ReadAsync($"{Late} 500");
        var committed = await database.Results.CommitAsync(other.Package("2026-11-10T13:00"));
        Assert.False(committed.Standing(other.Id)?.IsFresh);
    }

    [Fact]
    public async Task There_is_one_suspension_of_an_episode_and_none_beside_one_that_is_under_way()
    {
        var (cards, _) = await CardAsync(1000);
        await cards.ReadAsync($"{Late} 1100");
        await cards.ReadAsync("2026-11-10T11:00 1200");
        await database.ExecuteAsync($"UPDATE tb_suspension SET state = 10 WHERE card_id = {cards.Id}");
        await cards.ReadAsync("2026-11-10T12:00 1300");
        Assert.Equal(["1 2026-11-01 1 10 1100 1000"], await cards.SuspensionsAsync());

        await database.ExecuteAsync($"INSERT INTO tb_card_stop (card_id, episode, since, checked_at) VALUES ({cards.Id}, 2, now(), now())");
        await cards.ReadAsync("2026-11-10T13:00 1400");
        Assert.Equal(["1 2026-11-01 1 10 1100 1000", "1 2026-11-01 2 1 1400 1000"], await cards.SuspensionsAsync());

        // The next cycle is another matter, but only when nothing is under way any more.
        await cards.ReadAsync("2026-12-10T13:00 1500");
        Assert.Equal(2, (await cards.SuspensionsAsync()).Length);
        await database.ExecuteAsync($"UPDATE tb_suspension SET state = 10 WHERE card_id = {cards.Id}");
        await cards.ReadAsync("2026-12-10T14:00 1500");
        Assert.Equal("1 2026-12-01 2 1 1500 1000", (await cards.SuspensionsAsync())[2]);
    }

    [Fact]
    public async Task What_was_written_in_dry_run_becomes_real_when_the_account_leaves_it()
    {
        var (cards, _) = await CardAsync(1000);
        await database.ExecuteAsync($"UPDATE tb_carrier_account SET suspension_mode = 'dry_run' WHERE id = {cards.Account}");
        await cards.ReadAsync($"{Late} 1100");
        await database.ExecuteAsync($"UPDATE tb_carrier_account SET suspension_mode = 'on' WHERE id = {cards.Account}");
        await cards.ReadAsync("2026-11-10T11:00 1200");
        Assert.Equal(["1 2026-11-01 1 1 1200 1000"], await cards.SuspensionsAsync());
    }

    [Fact]
    public async Task A_pool_that_is_used_up_stops_its_cards_that_used_of_it_and_no_other()
    {
        // Three active cards of 100 each, one in stock, and 200 of the pool's own: 500.
        var (cards, _) = await CardAsync(100, count: 4);
        var pool = await database.ScalarAsync<int>($"INSERT INTO tb_usage_pool (code, name, account_id, allowance_bytes) VALUES ('D{cards.Id}', 'D', {cards.Account}, 200) RETURNING id");
        await database.ExecuteAsync($"UPDATE tb_card SET pool_id = {pool} WHERE id IN ({cards.List}); UPDATE tb_card SET status = 0 WHERE id = {cards.Ids[3]}");
        await cards.ReadAsync($"{Late} 450", 0);
        await cards.ReadAsync($"{Late} 0", 1);
        await cards.ReadAsync($"{Late} 50", 2);
        Assert.Empty(await cards.SuspensionsAsync());
        await cards.ReadAsync("2026-11-10T10:30 451", 0);
        await cards.ReadAsync("2026-11-10T10:30 0", 1);
        Assert.Equal(["2 2026-11-01 1 1 501 500"], await cards.SuspensionsAsync());

        await database.ExecuteAsync($"INSERT INTO tb_package_addon (pool_id, cycle, allowance_bytes, reference, created_by) VALUES ({pool}, '2026-11-01', 10, 'p{pool}', 'x')");
        await cards.ReadAsync("2026-11-10T11:00 50", 2);
        Assert.Single(await cards.SuspensionsAsync());
        await cards.ReadAsync("2026-11-10T11:30 60", 2);
        Assert.Equal("2 2026-11-01 1 1 511 510", (await cards.SuspensionsAsync())[1]);
    }

    [Fact]
    public async Task When_a_card_will_be_over_is_foreseen_by_its_rate()
    {
        var (cards, _) = await CardAsync(1000);
        await cards.ReadAsync("2026-11-01T10:00 100 asof 2026-11-01T10:00");
        var committed = await cards.ReadAsync("2026-11-01T20:00 200 asof 2026-11-01T20:00");
        Assert.Equal(cards.Reading("2026-11-05T04:00 0").CheckedAt, committed.Standing(cards.Id)!.Value.OverAt);
        Assert.Null((await cards.ReadAsync("2026-11-01T21:00 1200 asof 2026-11-01T21:00")).Standing(cards.Id)!.Value.OverAt);
        Assert.Equal(CardStatus.Active, (CardStatus)await database.ScalarAsync<short>($"SELECT status FROM tb_card WHERE id = {cards.Id}"));
        Assert.Equal((int)SuspensionRule.OverLimit, int.Parse((await cards.SuspensionsAsync())[0].Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture));
    }

    private async Task<(LedgerCards Cards, int Package)> CardAsync(long allowance, int count = 1)
    {
        var cards = await database.TakeAsync(count);
        var package = await database.ScalarAsync<int>(
            $"INSERT INTO tb_package (code, name, allowance_bytes, is_directional) VALUES ('K{cards.Id}', 'K', {allowance}, false) RETURNING id");
        await database.ExecuteAsync($"UPDATE tb_card SET package_id = {package} WHERE id IN ({cards.List})");
        return (cards, package);
    }
}
