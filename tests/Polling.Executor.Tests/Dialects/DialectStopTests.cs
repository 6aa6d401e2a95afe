using Polling.Core.Carriers;
using Polling.Executor.Dialects;
using Polling.Executor.Gateway;

namespace Polling.Executor.Tests.Dialects;

/// <summary>Stops and resumes in every dialect, against the mock's own record of them.</summary>
public sealed class DialectStopTests(DialectFixture fixture) : IClassFixture<DialectFixture>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static TheoryData<CarrierDialect> All => [.. Enum.GetValues<CarrierDialect>()];

    public static TheoryData<CarrierDialect> Synchronous => [CarrierDialect.Plain, CarrierDialect.Telecom, CarrierDialect.Jasper];

    [Theory]
    [MemberData(nameof(Synchronous))]
    public async Task A_stop_is_made_once_however_often_its_key_is_sent(CarrierDialect dialect)
    {
        var account = await fixture.AccountAsync(dialect);
        var card = account.Card(1);
        Assert.Equal(CarrierCardState.Active, (await account.StateAsync(card)).State);
        Assert.Equal(ChangeState.Done, (await account.StopAsync(card, "one")).State);
        Assert.Equal(ChangeState.Done, (await account.StopAsync(card, "one")).State);
        var stopped = await account.StateAsync(card);
        Assert.Equal((CarrierCardState.Stopped, true), (stopped.State, stopped.MayWeResume));

        var again = await account.StopAsync(card, "two");
        Assert.Equal((ChangeState.WrongState, "12089"), (again.State, again.Code));
        Assert.Equal(ChangeState.Done, (await account.StopAsync(card, "three", isStopped: false)).State);
        Assert.Equal(CarrierCardState.Active, (await account.StateAsync(card)).State);
        Assert.Equal(
            [("stop", "0", "one", false), ("stop", "0", "one", true), ("stop", "12089", "two", false), ("resume", "0", "three", false)],
            await fixture.Mock.StopsAsync(card.Number));
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task What_the_carrier_stopped_we_may_not_resume_and_what_it_has_in_stock_we_cannot_stop(CarrierDialect dialect)
    {
        var account = await fixture.AccountAsync(dialect);
        var card = account.Card(1);
        await fixture.Mock.ForceAsync(card.Number, """{"state":"stopped","stopped_by":"carrier"}""");
        var state = await account.StateAsync(card);
        Assert.Equal((CarrierCardState.Stopped, false), (state.State, state.MayWeResume));
        var refused = await account.StopAsync(card, "one", isStopped: false);
        Assert.Equal((ChangeState.Refused, "12098"), (refused.State, refused.Code));

        await fixture.Mock.ForceAsync(card.Number, """{"state":"other"}""");
        Assert.Equal(CarrierCardState.Other, (await account.StateAsync(card)).State);
        Assert.Equal(ChangeState.WrongState, (await account.StopAsync(card, "two")).State);
        await fixture.Mock.ForceAsync(account.Card(2).Number, """{"error":"12009"}""");
        Assert.Equal((ChangeState.Refused, "12009"), await CodeAsync(account.StopAsync(account.Card(2), "three")));
        await fixture.Mock.ForceAsync(account.Card(2).Number, """{"error":"12010","error_message":"unknown card"}""");
        Assert.Equal((ChangeState.Refused, "card_unknown"), await CodeAsync(account.StopAsync(account.Card(2), "four")));

        static async Task<(ChangeState, string?)> CodeAsync(Task<ChangeReading> change) => (await change) is var read ? (read.State, read.Code) : default;
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_stop_that_was_made_and_never_answered_is_ambiguous_sent_once_and_found_by_looking(CarrierDialect dialect)
    {
        var account = await fixture.AccountAsync(dialect);
        var card = account.Card(1);
        await account.StateAsync(card);
        await fixture.Mock.BehaveAsync("""{"jobs":{"seconds":0}}""");
        await account.FaultsAsync("\"lost_answer\":1,\"hang_seconds\":30");
        var failed = await Assert.ThrowsAsync<GatewayException>(() => account.StopAsync(card, "one", timeout: TimeSpan.FromSeconds(1)));
        Assert.Equal(("timeout", GatewayOutcome.Ambiguous), (failed.Code, failed.Outcome));
        await account.FaultsAsync("\"lost_answer\":0");

        Assert.Equal(CarrierCardState.Stopped, (await account.StateAsync(card)).State);
        var repeated = await account.StopAsync(card, "one");
        Assert.True(repeated.State is ChangeState.Done or ChangeState.Accepted, $"{repeated}");
        Assert.Single(await fixture.Mock.StopsAsync(card.Number), stop => stop is { Result: "0", Repeated: false });
        await fixture.Mock.BehaveAsync("""{"jobs":{"seconds":2}}""");
    }

    [Fact]
    public async Task A_OneLink_stop_is_a_job_that_waits_runs_and_is_done_and_bars_the_next_one()
    {
        var account = await fixture.AccountAsync(CarrierDialect.OneLink);
        var card = account.Card(1);
        var accepted = await account.StopAsync(card, "one");
        Assert.Equal(ChangeState.Accepted, accepted.State);
        Assert.Equal(accepted, await account.StopAsync(card, "one"));
        Assert.Equal(CarrierCardState.Active, (await account.StateAsync(card)).State);
        Assert.Equal(ChangeState.WrongState, (await account.StopAsync(card, "two")).State);

        Assert.Equal(ChangeState.Accepted, (await JobAsync(account, accepted.JobId!)).State);
        Assert.Equal(ChangeState.Done, await EndAsync(account, accepted.JobId!));
        Assert.Equal(CarrierCardState.Stopped, (await account.StateAsync(card)).State);
        Assert.Equal(ChangeState.WrongState, (await account.StopAsync(card, "three", isStopped: false)).State); // For five minutes.
    }

    [Fact]
    public async Task A_job_that_fails_leaves_the_card_as_it_was()
    {
        var account = await fixture.AccountAsync(CarrierDialect.OneLink);
        await fixture.Mock.BehaveAsync("""{"jobs":{"seconds":0,"failed_share":1}}""");
        var accepted = await account.StopAsync(account.Card(1), "one");
        Assert.Equal(ChangeState.Failed, await EndAsync(account, accepted.JobId!));
        Assert.Equal(CarrierCardState.Active, (await account.StateAsync(account.Card(1))).State);
        await fixture.Mock.BehaveAsync("""{"jobs":{"seconds":2,"failed_share":0}}""");
        await Assert.ThrowsAsync<GatewayException>(() => JobAsync(account, "no such job"));
    }

    private static async Task<ChangeState> EndAsync(DialectAccount account, string jobId)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            if (await JobAsync(account, jobId) is { State: not ChangeState.Accepted } ended)
            {
                return ended.State;
            }

            await Task.Delay(100, patience.Token);
        }
    }

    private static Task<ChangeReading> JobAsync(DialectAccount account, string jobId) => account.AskAsync(
        (dialect, call, gateway) => dialect.ReadJobAsync(call, gateway, account.Card(1), jobId, TestContext.Current.CancellationToken));
}
