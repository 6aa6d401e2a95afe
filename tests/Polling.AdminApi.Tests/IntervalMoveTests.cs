using System.Diagnostics;
using StackExchange.Redis;

namespace Polling.AdminApi.Tests;

/// <summary>A real scheduler moves the due times of a large account when its intervals change. <c>MOVE_CARDS</c> sets how large.</summary>
[Collection(nameof(RestoredSystem))]
public sealed class IntervalMoveTests(RestoredSystem restored, ITestOutputHelper output) : IAsyncLifetime
{
    private const int Account = 50;
    private const int FirstCard = 1_000_001;
    private const int CardsPerPage = 20_000;
    private const string Schedule = "polling:schedule:carddata:50";
    private static readonly int Cards = int.TryParse(Environment.GetEnvironmentVariable("MOVE_CARDS"), out var cards) ? cards : 20_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20 + Cards / 5_000);
    private string _configuration = "";

    private PollingSystem System => restored.System;

    private IDatabase Redis => restored.System.Redis;

    public async ValueTask InitializeAsync()
    {
        // In a steady state: each card was checked within the last hour; those of the last tenth within the last half minute.
        await restored.SqlAsync(
            $"""
            INSERT INTO tb_carrier_account (id, carrier_id, code, name, calls_per_second, cards_per_call, max_in_flight, status)
            SELECT {Account}, min(id), 'LARGE', 'LARGE', 100000, 100, 2000, 0 FROM tb_carrier ON CONFLICT DO NOTHING
            """);
        var (status, made) = await System.Api.SendAsync(
            HttpMethod.Post, "/api/admin/polling-configs", $$"""{"name": "large", "task_type": "carddata", "account_id": {{Account}}, "card_status": 2, "interval_seconds": 3600, "priority": 1}""");
        Assert.True(status == 201, made.ToString());
        _configuration = $"/api/admin/polling-configs/{made.Number("id")}";
        await restored.SqlAsync(
            $"""
            INSERT INTO tb_card (id, iccid, carrier_id, account_id, status, real_name_status)
            SELECT i, '8986' || lpad(i::text, 16, '0'), (SELECT carrier_id FROM tb_carrier_account WHERE id = {Account}), {Account}, 2, 1
            FROM generate_series({FirstCard}, {FirstCard + Cards - 1}) AS i ON CONFLICT DO NOTHING;
            INSERT INTO tb_card_poll (card_id, task_type, token_epoch, token, scheduled_at, checked_at, outcome, duration_ms, consecutive_failures)
            SELECT i, 2, 0, 0, now(), now() - (CASE WHEN i % 10 = 0 THEN 30 ELSE 3000 END) * random() * interval '1 second', 1, 1, 0
            FROM generate_series({FirstCard}, {FirstCard + Cards - 1}) AS i ON CONFLICT DO NOTHING;
            ANALYZE tb_card; ANALYZE tb_card_poll;
            """);
        await ScheduledAsync(Cards, "placed");
    }

    public async ValueTask DisposeAsync() => await restored.SqlAsync(
        $"DELETE FROM tb_polling_config WHERE name = 'large'; DELETE FROM tb_card_poll WHERE card_id >= {FirstCard}; DELETE FROM tb_card WHERE id >= {FirstCard}");

    [Fact]
    public async Task A_shorter_interval_a_longer_one_off_and_on_again_move_all_cards_within_seconds()
    {
        // An hour to a minute: all are due within it, but those that were asked a moment ago, and in no second many more than in another.
        Assert.Equal(200, (await PutAsync("""{"interval_seconds": 60}""")).Status);
        await MovedAsync("3600 -> 60");
        var (now, dues) = await DuesAsync();
        var checks = await ChecksAsync();
        Assert.All(dues, card => Assert.InRange(card.Value, checks[card.Key] + 30_000, Math.Max(now, checks[card.Key] + 36_001) + 60_000));
        var perSecond = dues.Values.Where(due => due > now).GroupBy(due => due / 1000).Select(second => second.Count()).ToArray();
        output.WriteLine($"{Cards} cards; the fullest second has {perSecond.Max()}, the mean of a minute is {Cards / 60}");
        Assert.InRange(perSecond.Max(), 1, Cards / 60 * 3 / 2);

        // Longer again, and the scheduler dies: another one finds what is left.
        Assert.Equal(200, (await PutAsync("""{"interval_seconds": 3600}""")).Status);
        await System.KillSchedulerAsync();
        System.StartScheduler();
        await MovedAsync("60 -> 3600, by another scheduler");
        var (later, longer) = await DuesAsync();
        Assert.All(longer.Where(card => card.Value > later), card => Assert.True(card.Value >= dues[card.Key] && card.Value <= later + 7_200_000));
        Assert.True(longer.Values.Count(due => due > later + 600_000) > Cards / 2);

        Assert.Equal(200, (await PutAsync("""{"status": 0}""")).Status);
        await ScheduledAsync(0, "switched off");
        await PollingSystem.UntilAsync(Patience, async () => !(await Redis.SortedSetScoreAsync("polling:wake:carddata", Account)).HasValue);
        Assert.Equal(200, (await PutAsync("""{"status": 1}""")).Status);
        await ScheduledAsync(Cards, "switched on");
        var (then, again) = await DuesAsync();
        Assert.All(again, card => Assert.True(Core.Scheduling.PhaseGrid.Holds(card.Key, 3_600_000, card.Value)));
        Assert.InRange(again.Values.Count(due => due < then + 60_000), 0, Cards / 10);
    }

    private Task<(int Status, global::System.Text.Json.JsonElement Body)> PutAsync(string body) => System.Api.SendAsync(HttpMethod.Put, _configuration, body);

    private async Task ScheduledAsync(int count, string what)
    {
        var clock = Stopwatch.StartNew();
        await PollingSystem.UntilAsync(Patience, async () => await Redis.SortedSetLengthAsync(Schedule) == count);
        output.WriteLine($"{what}: {Cards} cards after {clock.Elapsed.TotalSeconds:F1} s");
    }

    // The rules that its schedule was moved to are those in force, and those are the saved ones.
    private async Task MovedAsync(string what)
    {
        var clock = Stopwatch.StartNew();
        var seconds = (await System.Api.GetAsync(_configuration)).Body.Number("interval_seconds");
        await PollingSystem.UntilAsync(
            Patience, async () => ((string?)await Redis.HashGetAsync("polling:intervals:carddata", Account))?.Contains($",{seconds}000,", StringComparison.Ordinal) == true);
        output.WriteLine($"{what}: {Cards} cards after {clock.Elapsed.TotalSeconds:F1} s");
    }

    private async Task<(long Now, Dictionary<long, long> Dues)> DuesAsync()
    {
        // The account is paused: nothing of it moves.
        var dues = new Dictionary<long, long>(Cards);
        for (var from = 0; from < Cards; from += CardsPerPage)
        {
            foreach (var card in await Redis.SortedSetRangeByRankWithScoresAsync(Schedule, from, from + CardsPerPage - 1))
            {
                dues.Add((long)card.Element, (long)card.Score);
            }
        }

        Assert.Equal(Cards, dues.Count);
        return (TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(), dues);
    }

    private async Task<Dictionary<long, long>> ChecksAsync()
    {
        await using var source = Npgsql.NpgsqlDataSource.Create(System.Api.Postgres);
        await using var command = source.CreateCommand($"SELECT card_id, (extract(epoch FROM checked_at) * 1000)::bigint FROM tb_card_poll WHERE card_id >= {FirstCard}");
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var checks = new Dictionary<long, long>();
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
        {
            checks[reader.GetInt64(0)] = reader.GetInt64(1);
        }

        return checks;
    }
}
