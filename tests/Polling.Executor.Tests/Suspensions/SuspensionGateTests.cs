using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Polling.Core.Persistence.Suspensions;
using Polling.Core.Suspensions;
using Polling.Executor.Tests.Results;

namespace Polling.Executor.Tests.Suspensions;

/// <summary>The gate that each suspension passes, and the breaker behind it, on a real PostgreSQL.</summary>
public sealed class SuspensionGateTests : IAsyncLifetime
{
    private const int Cards = 40;
    private const int Max = 5;
    private static readonly DateTimeOffset Noon = ResultDatabase.Noon;
    private ResultDatabase _database = null!;
    private SuspensionOutbox _outbox = null!;
    private SuspensionGate _gate = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await ResultDatabase.StartAsync(Cards);
        _outbox = new SuspensionOutbox(_database.Source);
        _gate = new SuspensionGate(_database.Source, NullLogger<SuspensionGate>.Instance);
        await RunAsync($"UPDATE tb_carrier_account SET suspensions_max = {Max}");
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task Of_suspensions_that_come_together_just_so_many_pass_and_all_others_are_held()
    {
        await AddAsync(Cards);
        var taken = await TakeAsync(Cards);

        // Processes side by side: each has a gate of its own.
        var decisions = await Task.WhenAll(taken.Select(work =>
            new SuspensionGate(_database.Source, NullLogger<SuspensionGate>.Instance).PassAsync(work, Noon, Stop)));

        Assert.Equal(Max, decisions.Count(decision => decision == GateDecision.Pass));
        Assert.Equal(Cards - Max, decisions.Count(decision => decision == GateDecision.Held));
        Assert.Equal((Max, Cards - Max), (await CountAsync(SuspensionState.Sent), await CountAsync(SuspensionState.Held)));
        Assert.Equal(1, await NumberAsync("SELECT count(*) FROM tb_suspension_breaker WHERE is_tripped AND reason <> ''"));
    }

    [Fact]
    public async Task A_breaker_that_has_tripped_holds_what_waits_and_what_comes_until_it_is_released()
    {
        await AddAsync(Max + 3);
        foreach (var work in await TakeAsync(Max + 1))
        {
            await _gate.PassAsync(work, Noon, Stop);
        }

        // The two that nobody had taken are held, too.
        Assert.Equal((Max, 3), (await CountAsync(SuspensionState.Sent), await CountAsync(SuspensionState.Held)));
        await AddAsync(1, firstCard: Max + 3);
        Assert.Equal(GateDecision.Held, await _gate.PassAsync(Assert.Single(await TakeAsync(10)), Noon.AddDays(1), Stop));

        var release = new BreakerRelease(_database.Source);
        Assert.Equal(4, await release.ReleaseAsync(_database.Account, discard: false, "ops", Noon.AddDays(1), Stop));
        Assert.Null(await release.ReleaseAsync(_database.Account, discard: false, "ops", Noon.AddDays(1), Stop));
        var again = await TakeAsync(10, Noon.AddDays(1));
        Assert.Equal(4, again.Count);
        Assert.All(again, work => Assert.Equal(GateDecision.Pass, _gate.PassAsync(work, Noon.AddDays(1), Stop).GetAwaiter().GetResult()));
    }

    [Fact]
    public async Task The_count_begins_anew_with_a_release_and_when_the_window_is_over()
    {
        await AddAsync(Cards);
        var taken = await TakeAsync(Cards);
        Assert.Equal(Max, await PassedAsync(taken.Take(Max), Noon));
        Assert.Equal(Max, await PassedAsync(taken.Skip(Max).Take(Max), Noon.AddHours(1).AddSeconds(1)));
        Assert.Equal(0, await PassedAsync(taken.Skip(2 * Max).Take(1), Noon.AddHours(1).AddSeconds(2)));

        await new BreakerRelease(_database.Source).ReleaseAsync(_database.Account, discard: true, "ops", Noon.AddHours(1).AddSeconds(3), Stop);
        Assert.Equal(1, await NumberAsync("SELECT count(*) FROM tb_suspension WHERE state = 11 AND reason LIKE '%discarded by ops'"));
        Assert.Equal(Max, await PassedAsync(taken.Skip(3 * Max).Take(Max + 1), Noon.AddHours(1).AddSeconds(4)));
    }

    [Theory]
    [InlineData("suspensions_percent_max = 5", 2)] // Of 40 cards.
    [InlineData("suspensions_percent_max = 0.1", 1)]
    [InlineData("suspensions_percent_max = 90", Max)]
    public async Task A_share_of_the_cards_bounds_it_too(string setting, int passed)
    {
        await RunAsync($"UPDATE tb_carrier_account SET {setting}");
        await AddAsync(Cards);
        Assert.Equal(passed, await PassedAsync(await TakeAsync(Cards), Noon));
    }

    [Theory]
    [InlineData("off", GateDecision.Off)]
    [InlineData("dry_run", GateDecision.DryRun)]
    public async Task Where_the_accounts_mode_does_not_want_it_none_passes(string mode, GateDecision decision)
    {
        await RunAsync($"UPDATE tb_carrier_account SET suspension_mode = '{mode}'");
        await AddAsync(1);
        Assert.Equal(decision, await _gate.PassAsync(Assert.Single(await TakeAsync(1)), Noon, Stop));
        Assert.Equal(0, await CountAsync(SuspensionState.Sent));
    }

    [Fact]
    public async Task What_a_person_asks_for_and_resumes_are_neither_counted_nor_held()
    {
        await AddAsync(Max + 1, rule: 4);
        Assert.Equal(Max + 1, await PassedAsync(await TakeAsync(Cards), Noon));
        await AddAsync(Max, rule: 1);
        Assert.Equal(Max, await PassedAsync(await TakeAsync(Cards), Noon));
        await AddAsync(1, firstCard: Max + 1, rule: 1);
        Assert.Equal(0, await PassedAsync(await TakeAsync(Cards), Noon));
        await AddAsync(3, rule: 5, action: 2);
        Assert.Equal(3, await PassedAsync(await TakeAsync(Cards), Noon));
    }

    [Fact]
    public async Task Who_lost_his_hold_does_not_pass()
    {
        await AddAsync(1);
        var old = Assert.Single(await TakeAsync(1));
        await RunAsync("UPDATE tb_suspension SET lease_until = now() - interval '1 s'");
        var taker = Assert.Single(await TakeAsync(1));
        Assert.Equal(GateDecision.Lost, await _gate.PassAsync(old, Noon, Stop));
        Assert.Equal(GateDecision.Pass, await _gate.PassAsync(taker, Noon, Stop));
    }

    private async Task<int> PassedAsync(IEnumerable<SuspensionWork> works, DateTimeOffset now)
    {
        var passed = 0;
        foreach (var work in works)
        {
            passed += await _gate.PassAsync(work, now, Stop) == GateDecision.Pass ? 1 : 0;
        }

        return passed;
    }

    private Task<IReadOnlyList<SuspensionWork>> TakeAsync(int count, DateTimeOffset? now = null) =>
        _outbox.TakeAsync($"{Guid.NewGuid():N}", now ?? Noon, TimeSpan.FromMinutes(1), count, Stop);

    private Task AddAsync(int count, int firstCard = 0, int rule = 1, int action = 1) => SuspensionRows.AddAsync(_database, count, firstCard, rule, action);

    private Task<int> CountAsync(SuspensionState state) => NumberAsync($"SELECT count(*) FROM tb_suspension WHERE state = {(short)state}");

    private async Task<int> NumberAsync(string sql)
    {
        await using var command = _database.Source.CreateCommand(sql);
        return (int)(long)(await command.ExecuteScalarAsync(Stop))!;
    }

    private async Task RunAsync(string sql)
    {
        await using NpgsqlCommand command = _database.Source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Stop);
    }
}
