using Microsoft.Extensions.DependencyInjection;
using Polling.Core.Cards;
using Polling.Core.Carriers;
using Polling.Core.Configuration;
using Polling.Executor.Dialects;
using Polling.Executor.Dialects.OneLink;

namespace Polling.Executor.Tests.Dialects;

/// <summary>One token for all processes, fetched by one of them, charged like everything else.</summary>
public sealed class OneLinkTokenTests(DialectFixture fixture) : IClassFixture<DialectFixture>
{
    private const int Callers = 30;

    [Fact]
    public async Task Thirty_callers_in_two_processes_fetch_one_token_and_one_more_when_the_carrier_refuses_it()
    {
        var account = await fixture.AccountAsync(CarrierDialect.OneLink);
        await AllAskAsync(account);
        Assert.Single(await account.LedgerAsync("token"));

        await fixture.Mock.ExpireTokensAsync();
        await AllAskAsync(account);
        Assert.Equal(2, (await account.LedgerAsync("token")).Count);
        Assert.Contains(await account.LedgerAsync("carddata"), call => call.GetProperty("status").GetString() == "12021");

        await AllAskAsync(account);
        Assert.Equal(2, (await account.LedgerAsync("token")).Count);
    }

    [Fact]
    public async Task A_token_in_its_last_tenth_is_renewed_by_one_while_the_others_go_on_with_it()
    {
        var account = await fixture.AccountAsync(CarrierDialect.OneLink);
        await account.CheckAsync(TaskType.Carddata);
        await fixture.Redis.KeyExpireAsync(fixture.TokenKey(account.Id), TimeSpan.FromSeconds(300)); // Of 3,600.
        await AllAskAsync(account);

        Assert.Equal(2, (await account.LedgerAsync("token")).Count);
        Assert.All(await account.LedgerAsync("carddata"), call => Assert.Equal("0", call.GetProperty("status").GetString()));
        Assert.True(await fixture.Redis.KeyTimeToLiveAsync(fixture.TokenKey(account.Id)) > TimeSpan.FromSeconds(3000));
    }

    [Fact]
    public async Task Who_learns_late_that_a_token_was_refused_takes_the_one_that_has_been_fetched_since()
    {
        var account = await fixture.AccountAsync(CarrierDialect.OneLink);
        await account.CheckAsync(TaskType.Carddata);
        var tokens = fixture.Process(1).GetRequiredService<OneLinkTokens>();
        var next = await account.AskAsync((_, call, gateway) => tokens.RenewAsync(call, gateway, "refused long ago", TestContext.Current.CancellationToken));
        Assert.EndsWith(next, (string?)await fixture.Redis.StringGetAsync(fixture.TokenKey(account.Id)), StringComparison.Ordinal);
        Assert.Single(await account.LedgerAsync("token"));
    }

    [Fact]
    public async Task A_refused_token_costs_another_one_and_the_request_once_more()
    {
        var account = await fixture.AccountAsync(CarrierDialect.OneLink);
        await account.CheckAsync(TaskType.Carddata);
        await fixture.Mock.ExpireTokensAsync();
        await account.CheckAsync(TaskType.Carddata);

        var calls = await account.LedgerAsync();
        Assert.Equal(["token", "carddata", "carddata", "token", "carddata"], calls.Select(call => call.GetProperty("task").GetString()));
    }

    [Fact]
    public async Task A_token_that_is_none_of_the_carriers_is_replaced()
    {
        var account = await fixture.AccountAsync(CarrierDialect.OneLink);
        await fixture.Redis.StringSetAsync(fixture.TokenKey(account.Id), "3600000 nonsense", TimeSpan.FromHours(1));
        var result = Assert.Single(await account.CheckAsync(TaskType.Carddata));
        Assert.Equal(PollOutcome.Success, result.Outcome);
        Assert.Single(await account.LedgerAsync("token"));
    }

    [Fact]
    public async Task Who_waits_for_another_processs_token_waits_for_a_bounded_time_only()
    {
        var account = await fixture.AccountAsync(CarrierDialect.OneLink);
        await fixture.Redis.StringSetAsync(fixture.TokenKey(account.Id).ToString().Replace("token:", "token:lock:", StringComparison.Ordinal), "a dead process", TimeSpan.FromMinutes(1));
        var result = Assert.Single(await account.CheckAsync(TaskType.Carddata, timeout: TimeSpan.FromSeconds(1)));
        Assert.Equal((PollOutcome.CallFailed, "token"), (result.Outcome, result.ErrorCode));
        Assert.Empty(await account.LedgerAsync());
    }

    [Fact]
    public async Task A_stop_whose_token_has_expired_is_made_once_with_the_new_one()
    {
        var account = await fixture.AccountAsync(CarrierDialect.OneLink);
        await account.CheckAsync(TaskType.Carddata);
        await fixture.Mock.ExpireTokensAsync();
        Assert.Equal(ChangeState.Accepted, (await account.StopAsync(account.Card(1), "key-1")).State);
        Assert.Single(await fixture.Mock.StopsAsync(account.Card(1).Number), stop => stop.Result == "accepted");
    }

    private static async Task AllAskAsync(DialectAccount account)
    {
        var results = await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => account.CheckAsync(TaskType.Carddata, process: caller % 2)));
        Assert.All(results, result => Assert.Equal((PollOutcome.Success, null), (result[0].Outcome, result[0].ErrorCode)));
    }
}
