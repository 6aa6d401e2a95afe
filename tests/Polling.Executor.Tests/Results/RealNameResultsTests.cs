using Microsoft.EntityFrameworkCore;
using Npgsql;
using Polling.Core.Cards;
using Polling.Core.Carriers;
using Polling.Core.Persistence;
using Polling.Core.Persistence.Results;
using Polling.TestServers;

namespace Polling.Executor.Tests.Results;

public sealed class RealNameResultsTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);
    private TestPostgres _server = null!;
    private NpgsqlDataSource _database = null!;
    private RealNameResults _results = null!;
    private long[] _cards = [];

    public async ValueTask InitializeAsync()
    {
        _server = await TestPostgres.StartAsync();
        _database = NpgsqlDataSource.Create(_server.ConnectionString);
        _results = new RealNameResults(_database);
        await using var context = Context();
        await context.Database.MigrateAsync(Stop);
        var carrier = new Carrier { Code = "C", Name = "C" };
        context.Carriers.Add(carrier);
        await context.SaveChangesAsync(Stop);
        var account = new CarrierAccount { CarrierId = carrier.Id, Code = "A", Name = "A", CallsPerSecond = 1, CardsPerCall = 1, MaxInFlight = 1 };
        context.CarrierAccounts.Add(account);
        await context.SaveChangesAsync(Stop);
        context.Cards.AddRange(Enumerable.Range(1, 5).Select(i => new Card { Iccid = $"898600000000000000{i:D2}", CarrierId = carrier.Id, AccountId = account.Id }));
        await context.SaveChangesAsync(Stop);
        _cards = await context.Cards.OrderBy(c => c.Id).Select(c => c.Id).ToArrayAsync(Stop);
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_result_and_the_state_of_its_card_are_committed_together()
    {
        var accepted = await CommitAsync(Result(0, token: 10, RealNameStatus.RealNamed), Result(1, token: 10, RealNameStatus.NotRealNamed));

        Assert.Equal(RealNameStatus.RealNamed, accepted[_cards[0]]!.Value.RealName);
        Assert.Equal(2, accepted[_cards[0]]!.Value.Version);
        await using var context = Context();
        Assert.Equal(RealNameStatus.RealNamed, (await context.Cards.SingleAsync(c => c.Id == _cards[0], Stop)).RealNameStatus);
        Assert.Equal(_cards[0], (await context.RealNameRecords.SingleAsync(Stop)).CardId);
        Assert.Equal(2, await context.CardPolls.CountAsync(p => p.Outcome == PollOutcome.Success, Stop));
    }

    [Fact]
    public async Task An_older_tokens_result_changes_nothing()
    {
        await CommitAsync(Result(0, token: 20, RealNameStatus.RealNamed));
        var accepted = await CommitAsync(Result(0, token: 19, RealNameStatus.NotRealNamed), Result(0, token: 21, RealNameStatus.NotRealNamed, epoch: 0));

        Assert.Empty(accepted);
        await using var context = Context();
        Assert.Equal(RealNameStatus.RealNamed, (await context.Cards.SingleAsync(c => c.Id == _cards[0], Stop)).RealNameStatus);
        Assert.Equal(20, (await context.CardPolls.SingleAsync(Stop)).Token);
    }

    [Fact]
    public async Task A_newer_epoch_beats_any_token_of_an_older_one()
    {
        await CommitAsync(Result(0, token: 1_000_000, RealNameStatus.RealNamed));
        Assert.Single(await CommitAsync(Result(0, token: 5, RealNameStatus.NotRealNamed, epoch: 2)));
    }

    [Fact]
    public async Task A_repeated_commit_changes_nothing()
    {
        await CommitAsync(Result(0, token: 10, RealNameStatus.RealNamed));
        Assert.Empty(await CommitAsync(Result(0, token: 10, RealNameStatus.RealNamed)));
        await using var context = Context();
        Assert.Equal(1, await context.RealNameRecords.CountAsync(Stop));
        Assert.Equal(2, (await context.Cards.SingleAsync(c => c.Id == _cards[0], Stop)).RowVersion);
    }

    [Fact]
    public async Task Of_two_results_for_a_card_in_one_commit_the_newer_counts()
    {
        await CommitAsync(Result(0, token: 12, RealNameStatus.RealNamed), Result(0, token: 11, RealNameStatus.NotRealNamed));
        await using var context = Context();
        Assert.Equal(12, (await context.CardPolls.SingleAsync(Stop)).Token);
        Assert.Equal(RealNameStatus.RealNamed, (await context.Cards.SingleAsync(c => c.Id == _cards[0], Stop)).RealNameStatus);
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
            Assert.Equal(RealNameStatus.RealNamed, (await context.Cards.SingleAsync(c => c.Id == _cards[0], Stop)).RealNameStatus);
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
            await context.Cards.Where(c => c.Id == _cards[1]).ExecuteDeleteAsync(Stop);
        }

        var accepted = await CommitAsync(Result(1, token: 1, RealNameStatus.RealNamed), Result(2, token: 1, RealNameStatus.RealNamed));
        Assert.Equal(_cards[2], Assert.Single(accepted).Key);
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

    private PollingDbContext Context() => new(new DbContextOptionsBuilder<PollingDbContext>().UseNpgsql(_database).Options);

    private Task<IReadOnlyDictionary<long, CardRow?>> CommitAsync(params RealNameResult[] results) =>
        _results.CommitAsync(results, Stop);

    private RealNameResult Result(int card, long token, RealNameStatus? status, long epoch = 1) => new(
        _cards[card], epoch, token, Noon.AddSeconds(token), Noon.AddSeconds(token + 1), status is null ? PollOutcome.CallFailed : PollOutcome.Success,
        status, status is null ? "timeout" : null, 40);
}
