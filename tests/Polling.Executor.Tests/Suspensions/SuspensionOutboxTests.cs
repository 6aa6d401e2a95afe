using Polling.Core.Cards;
using Polling.Core.Persistence.Suspensions;
using Polling.Core.Suspensions;
using Polling.Executor.Tests.Results;

namespace Polling.Executor.Tests.Suspensions;

/// <summary>The outbox of suspensions on a real PostgreSQL.</summary>
public sealed class SuspensionOutboxTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Noon = ResultDatabase.Noon;
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);
    private ResultDatabase _database = null!;
    private SuspensionOutbox _outbox = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await ResultDatabase.StartAsync();
        _outbox = new SuspensionOutbox(_database.Source);
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task Each_row_is_taken_by_one_and_only_when_its_time_has_come()
    {
        await SuspensionRows.AddAsync(_database, 5);
        Assert.Empty(await _outbox.TakeAsync("early", Noon.AddSeconds(-1), Lease, 10, Stop));
        var taken = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => _outbox.TakeAsync($"owner-{i}", Noon, Lease, 2, Stop)));
        var ids = taken.SelectMany(works => works).Select(work => work.Id).ToArray();
        Assert.Equal(5, ids.Distinct().Count());
        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.Empty(await _outbox.TakeAsync("late", Noon, Lease, 10, Stop));
    }

    [Fact]
    public async Task After_its_lease_another_goes_on_and_nothing_that_the_first_writes_counts()
    {
        await SuspensionRows.AddAsync(_database, 1);
        var first = Assert.Single(await _outbox.TakeAsync("first", Noon, TimeSpan.Zero, 1, Stop));
        await _outbox.AcceptedAsync(first, "job-1");
        var second = Assert.Single(await _outbox.TakeAsync("second", Noon, Lease, 1, Stop));
        Assert.Equal((SuspensionState.Confirming, "job-1"), (second.State, second.JobId));

        Assert.False(await _outbox.PutOffAsync(first, SuspensionState.Pending, Noon, "x"));
        Assert.False(await _outbox.EndAsync(first, SuspensionState.Failed, "x", null, Noon));
        Assert.False(await _outbox.ConfirmAsync(first, Noon));
        Assert.Equal(CardStatus.Active, (await CardAsync(first.CardId)).Card.Status);
        Assert.True(await _outbox.ConfirmAsync(second, Noon));
        Assert.Equal(CardStatus.Suspended, (await CardAsync(first.CardId)).Card.Status);
    }

    [Fact]
    public async Task A_confirmed_suspension_changes_card_and_stop_and_a_confirmed_resume_begins_a_new_episode()
    {
        await SuspensionRows.AddAsync(_database, 1);
        var suspend = await TakeOneAsync();
        var version = (await CardAsync(suspend.CardId)).Card.Version;
        await _outbox.ConfirmAsync(suspend, Noon);
        var stopped = await CardAsync(suspend.CardId);
        Assert.Equal((CardStatus.Suspended, StoppedBy.Polling, suspend.Id, 1), (stopped.Card.Status, stopped.StoppedBy, stopped.StoppedBySuspension, stopped.Episode));
        Assert.Equal(version + 1, stopped.Card.Version);

        await SuspensionRows.AddAsync(_database, 1, rule: 5, action: 2);
        await _outbox.ConfirmAsync(await TakeOneAsync(), Noon);
        var resumed = await CardAsync(suspend.CardId);
        Assert.Equal((CardStatus.Active, null, null, 2), (resumed.Card.Status, resumed.StoppedBy, resumed.StoppedBySuspension, resumed.Episode));
    }

    [Fact]
    public async Task What_somebody_did_at_the_carriers_is_taken_over_within_the_same_episode()
    {
        await SuspensionRows.AddAsync(_database, 1);
        var suspend = await TakeOneAsync();
        await _outbox.ConfirmAsync(suspend, Noon);
        Assert.Equal([suspend.CardId], await _outbox.TakeStopsAsync(Noon.AddHours(1), Noon.AddHours(2), 10, Stop));
        Assert.Empty(await _outbox.TakeStopsAsync(Noon.AddHours(1), Noon.AddHours(2), 10, Stop));

        await _outbox.RespectAsync(suspend.CardId, isStopped: false, Noon);
        var lifted = await CardAsync(suspend.CardId);
        Assert.Equal((CardStatus.Active, null, 1), (lifted.Card.Status, lifted.StoppedBy, lifted.Episode));
        await _outbox.RespectAsync(suspend.CardId, isStopped: true, Noon);
        Assert.Equal(StoppedBy.Carrier, (await CardAsync(suspend.CardId)).StoppedBy);
    }

    [Fact]
    public async Task A_person_asks_once_and_may_ask_again_when_it_has_ended()
    {
        var stops = new ManualStops(_database.Source, TimeProvider.System);
        var card = _database.Cards[0];
        Assert.Equal(ManualStopProblem.NoCard, (await AskAsync(999_999, SuspensionAction.Suspend)).Problem);
        Assert.Equal(ManualStopProblem.IsSoAlready, (await AskAsync(card, SuspensionAction.Resume)).Problem);

        // Two at the same time: one is taken up.
        var both = await Task.WhenAll(AskAsync(card, SuspensionAction.Suspend), AskAsync(card, SuspensionAction.Suspend));
        Assert.Single(both, answer => answer.Problem is null);
        Assert.Single(both, answer => answer.Problem == ManualStopProblem.UnderWay);
        Assert.Equal(both[0].SuspensionId, both[1].SuspensionId);

        // Refused by the carrier; asked again; done; resumed; suspended again.
        await _outbox.EndAsync(await TakeOneAsync(), SuspensionState.Failed, "refused", "12009", Noon);
        await DoAsync(SuspensionAction.Suspend);
        Assert.Equal(StoppedBy.Person, (await CardAsync(card)).StoppedBy);
        await DoAsync(SuspensionAction.Resume);
        Assert.Null((await CardAsync(card)).StoppedBy);
        await DoAsync(SuspensionAction.Suspend);
        Assert.Equal(CardStatus.Suspended, (await CardAsync(card)).Card.Status);

        async Task DoAsync(SuspensionAction action)
        {
            Assert.Null((await AskAsync(card, action)).Problem);
            Assert.True(await _outbox.ConfirmAsync(await TakeOneAsync(), Noon));
        }

        Task<ManualStopAnswer> AskAsync(long id, SuspensionAction action) => stops.AskAsync(id, action, "because", "ops", Stop);
    }

    private async Task<SuspensionWork> TakeOneAsync() =>
        Assert.Single(await _outbox.TakeAsync($"{Guid.NewGuid():N}", DateTimeOffset.UtcNow.AddYears(1), Lease, 10, Stop));

    private async Task<SuspensionCard> CardAsync(long id) => (await _outbox.FindCardAsync(id, Stop))!;
}
