using Microsoft.EntityFrameworkCore;
using Polling.Core.Cards;
using Polling.Core.Configuration;
using Polling.Core.Persistence;
using Polling.Core.Persistence.Results;

namespace Polling.Executor.Tests.Results;

public sealed class RealNameResultsTests : IAsyncLifetime
{
    private ResultDatabase _database = null!;

    public async ValueTask InitializeAsync() => _database = await ResultDatabase.StartAsync();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task A_result_and_the_state_of_its_card_are_committed_together()
    {
        var accepted = await CommitAsync(Result(0, token: 10, RealNameStatus.RealNamed), Result(1, token: 10, RealNameStatus.NotRealNamed));

        var changed = accepted.ChangedRow(TaskType.Realname, _database.Cards[0])!.Value;
        Assert.Equal((RealNameStatus.RealNamed, 2), (changed.RealName, changed.Version));
        await using var context = Context();
        Assert.Equal(RealNameStatus.RealNamed, (await context.Cards.SingleAsync(c => c.Id == _database.Cards[0], Stop)).RealNameStatus);
        Assert.Equal(_database.Cards[0], (await context.RealNameRecords.SingleAsync(Stop)).CardId);
        Assert.Equal(2, await context.CardPolls.CountAsync(p => p.Outcome == PollOutcome.Success, Stop));
    }

    [Fact]
    public async Task An_older_tokens_result_changes_nothing()
    {
        await CommitAsync(Result(0, token: 20, RealNameStatus.RealNamed));
        var accepted = await CommitAsync(Result(0, token: 19, RealNameStatus.NotRealNamed), Result(0, token: 21, RealNameStatus.NotRealNamed, epoch: 0));

        Assert.Equal(0, accepted.AcceptedCount);
        await using var context = Context();
        Assert.Equal(RealNameStatus.RealNamed, (await context.Cards.SingleAsync(c => c.Id == _database.Cards[0], Stop)).RealNameStatus);
        Assert.Equal(20, (await context.CardPolls.SingleAsync(Stop)).Token);
    }

    [Fact]
    public async Task A_newer_epoch_beats_any_token_of_an_older_one()
    {
        await CommitAsync(Result(0, token: 1_000_000, RealNameStatus.RealNamed));
        Assert.Equal(1, (await CommitAsync(Result(0, token: 5, RealNameStatus.NotRealNamed, epoch: 2))).AcceptedCount);
    }

    [Fact]
    public async Task A_repeated_commit_changes_nothing()
    {
        await CommitAsync(Result(0, token: 10, RealNameStatus.RealNamed));
        Assert.Equal(0, (await CommitAsync(Result(0, token: 10, RealNameStatus.RealNamed))).AcceptedCount);
        await using var context = Context();
        Assert.Equal(1, await context.RealNameRecords.CountAsync(Stop));
        Assert.Equal(2, (await context.Cards.SingleAsync(c => c.Id == _database.Cards[0], Stop)).RowVersion);
    }

    [Fact]
    public async Task Of_two_results_for_a_card_in_one_commit_the_newer_counts()
    {
        await CommitAsync(Result(0, token: 12, RealNameStatus.RealNamed), Result(0, token: 11, RealNameStatus.NotRealNamed));
        await using var context = Context();
        Assert.Equal(12, (await context.CardPolls.SingleAsync(Stop)).Token);
        Assert.Equal(RealNameStatus.RealNamed, (await context.Cards.SingleAsync(c => c.Id == _database.Cards[0], Stop)).RealNameStatus);
    }

    [Fact]
    public async Task Failures_are_counted_until_a_check_succeeds_and_leave_the_card_as_it_was()
    {
        await CommitAsync(Result(0, token: 1, RealNameStatus.RealNamed));
        await CommitAsync(Result(0, token: 2, null));
        await CommitAsync(Result(0, token: 3, null));
        await using (var context = Context())
        {
            var poll = await context.CardPolls.SingleAsync(Stop);
            Assert.Equal((2, "timeout"), (poll.ConsecutiveFailures, poll.ErrorCode));
            Assert.Equal(RealNameStatus.RealNamed, (await context.Cards.SingleAsync(c => c.Id == _database.Cards[0], Stop)).RealNameStatus);
        }

        await CommitAsync(Result(0, token: 4, RealNameStatus.RealNamed));
        await using var after = Context();
        Assert.Equal(0, (await after.CardPolls.SingleAsync(Stop)).ConsecutiveFailures);
    }

    [Fact]
    public async Task A_deleted_card_does_not_come_back_and_holds_up_no_other()
    {
        await using (var context = Context())
        {
            await context.Cards.Where(c => c.Id == _database.Cards[1]).ExecuteDeleteAsync(Stop);
        }

        var accepted = await CommitAsync(Result(1, token: 1, RealNameStatus.RealNamed), Result(2, token: 1, RealNameStatus.RealNamed));
        Assert.Equal((1, true), (accepted.AcceptedCount, accepted.IsAccepted(TaskType.Realname, _database.Cards[2])));
    }

    [Fact]
    public async Task Writers_side_by_side_do_not_deadlock_and_the_newest_token_wins()
    {
        var writers = Enumerable.Range(1, 40).Select(token => CommitAsync(
            [.. Enumerable.Range(0, 5).OrderBy(i => (i * 7 + token) % 5).Select(i => Result(i, token, (RealNameStatus)(token % 2)))]));
        await Task.WhenAll(writers);
        await using var context = Context();
        Assert.All(await context.CardPolls.ToArrayAsync(Stop), p => Assert.Equal(40, p.Token));
        Assert.All(await context.Cards.ToArrayAsync(Stop), c => Assert.Equal(RealNameStatus.NotRealNamed, c.RealNameStatus));
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private PollingDbContext Context() => _database.Context();

    private Task<CommittedResults> CommitAsync(params IReadOnlyCollection<CardResult> results) => _database.CommitAsync(results);

    private CardResult Result(int card, long token, RealNameStatus? status, long epoch = 1) => _database.RealName(card, token, status, epoch);
}
