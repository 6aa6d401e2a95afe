using Microsoft.EntityFrameworkCore;
using Polling.Core.Cards;
using Polling.Core.Configuration;
using Polling.Core.Persistence.Results;

namespace Polling.Executor.Tests.Results;

/// <summary>Usage and packages, and batches of several task types; by arrays and by COPY.</summary>
public sealed class TaskResultsTests : IAsyncLifetime
{
    // So many that they go by COPY.
    private const int Many = ResultDatabase.CopyFromRows + 50;
    private ResultDatabase _database = null!;

    public async ValueTask InitializeAsync() => _database = await ResultDatabase.StartAsync(Many);

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task A_batch_may_hold_several_types_and_each_does_its_own()
    {
        var committed = await CommitAsync(
            _database.RealName(0, token: 10, RealNameStatus.RealNamed), _database.Usage(0, token: 10, usedBytes: 77), _database.Package(0, token: 10, "M30"),
            _database.Usage(1, token: 10, usedBytes: null));

        Assert.Equal(4, committed.AcceptedCount);
        Assert.NotNull(committed.ChangedRow(TaskType.Realname, _database.Cards[0]));
        Assert.Null(committed.ChangedRow(TaskType.Carddata, _database.Cards[0]));
        await using var context = _database.Context();
        var usage = await context.UsageRecords.SingleAsync(Stop);
        Assert.Equal((_database.Cards[0], 77, _database.Account, ResultDatabase.November), (usage.CardId, usage.UsedBytes, usage.AccountId, usage.Cycle));
        Assert.Equal((ResultDatabase.Noon.AddSeconds(10), true), (usage.ScheduledAt, usage.Id > 0));
        var package = await context.CardPackages.SingleAsync(Stop);
        Assert.Equal(("M30", 1024, 1, ResultDatabase.Noon.AddDays(7)), (package.PackageCode, package.AllowanceBytes, package.UsedBytes, package.ValidUntil));
        Assert.Equal(1, await context.RealNameRecords.CountAsync(Stop));
        Assert.Equal(4, await context.CardPolls.CountAsync(Stop));
    }

    [Fact]
    public async Task No_usage_leaves_no_record_and_counts_as_a_failure()
    {
        await CommitAsync(_database.Usage(0, token: 1, usedBytes: 5));
        await CommitAsync(_database.Usage(0, token: 2, usedBytes: null));
        await using var context = _database.Context();
        Assert.Equal(5, (await context.UsageRecords.SingleAsync(Stop)).UsedBytes);
        Assert.Equal(1, (await context.CardPolls.SingleAsync(Stop)).ConsecutiveFailures);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(Many)]
    public async Task A_repeated_commit_changes_nothing_and_there_is_one_usage_record_for_a_due_time(int cards)
    {
        CardResult[] batch = [.. Enumerable.Range(0, cards).SelectMany(i => (CardResult[])[
            _database.Usage(i, token: 10, usedBytes: i), _database.Package(i, token: 10, "M30"), _database.RealName(i, token: 10, RealNameStatus.RealNamed)])];
        Assert.Equal(batch.Length, (await CommitAsync(batch)).AcceptedCount);
        Assert.Equal(0, (await CommitAsync(batch)).AcceptedCount);

        // The lease expired before it was acknowledged, and the card was asked again for the same due time.
        CardResult[] again = [.. batch.Select(r => r with { Token = 11, Payload = r.Payload is UsagePayload usage ? usage with { UsedBytes = usage.UsedBytes + 1 } : r.Payload })];
        Assert.Equal(batch.Length, (await CommitAsync(again)).AcceptedCount);
        await using var context = _database.Context();
        Assert.Equal(Enumerable.Range(0, cards).Select(i => i + 1L), await context.UsageRecords.OrderBy(u => u.CardId).Select(u => u.UsedBytes).ToArrayAsync(Stop));
        Assert.Equal(cards, await context.CardPackages.CountAsync(Stop));
        Assert.Equal(cards, await context.RealNameRecords.CountAsync(Stop));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(Many)]
    public async Task An_older_tokens_result_changes_nothing_of_its_task_and_says_nothing_about_the_other_tasks(int cards)
    {
        await CommitAsync([.. Enumerable.Range(0, cards).SelectMany(i => (CardResult[])[_database.Usage(i, token: 20, usedBytes: 9), _database.Package(i, token: 20, "new")])]);
        var late = await CommitAsync([.. Enumerable.Range(0, cards).SelectMany(i => (CardResult[])[
            _database.Usage(i, token: 19, usedBytes: 1), _database.Usage(i, token: 30, usedBytes: 2, epoch: 0), _database.Package(i, token: 19, "old"),
            _database.RealName(i, token: 19, RealNameStatus.RealNamed)])]);

        Assert.Equal(cards, late.AcceptedCount);
        Assert.True(late.IsAccepted(TaskType.Realname, _database.Cards[0]));
        await using var context = _database.Context();
        Assert.Equal(cards, await context.UsageRecords.CountAsync(u => u.UsedBytes == 9, Stop));
        Assert.Equal(cards, await context.UsageRecords.CountAsync(Stop));
        Assert.Equal(cards, await context.CardPackages.CountAsync(p => p.PackageCode == "new", Stop));
    }

    [Fact]
    public async Task Writers_of_mixed_batches_side_by_side_do_not_deadlock_and_the_newest_token_wins()
    {
        await Task.WhenAll(Enumerable.Range(1, 12).Select(token => CommitAsync(
            [.. Enumerable.Range(0, token % 2 == 0 ? Many : 20).OrderBy(i => (i * 7 + token) % 50).SelectMany(i => (CardResult[])[
                _database.Package(i, token, $"P{token}"), _database.Usage(i, token, token), _database.RealName(i, token, (RealNameStatus)(token % 2))])])));
        await using var context = _database.Context();
        Assert.Equal(Many, await context.CardPackages.CountAsync(p => p.PackageCode == "P12", Stop));
        Assert.Equal(3 * Many, await context.CardPolls.CountAsync(p => p.Token == 12, Stop));
        Assert.Equal(Many, await context.UsageRecords.CountAsync(u => u.UsedBytes == 12, Stop));
        Assert.Equal(0, await context.Cards.CountAsync(c => c.RealNameStatus == RealNameStatus.RealNamed, Stop));
    }

    [Fact]
    public async Task After_a_restart_of_the_server_commits_go_on_with_new_connections()
    {
        await CommitAsync(_database.Usage(0, token: 1, usedBytes: 1));
        await _database.Server.RestartAsync(Stop);
        CardResult[] batch = [_database.Usage(0, token: 2, usedBytes: 2)];
        var committed = false;
        for (var patience = 5; !committed && patience > 0; patience--)
        {
            try
            {
                await CommitAsync(batch);
                committed = true;
            }
            catch (Npgsql.NpgsqlException)
            {
                // The connections from before the restart are found broken, each once.
            }
        }

        Assert.True(committed);
        await using var context = _database.Context();
        Assert.Equal(2, await context.UsageRecords.CountAsync(Stop));
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private Task<CommittedResults> CommitAsync(params IReadOnlyCollection<CardResult> results) => _database.CommitAsync(results);
}
