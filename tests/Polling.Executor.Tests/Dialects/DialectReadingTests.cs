using System.Globalization;
using Polling.Core.Cards;
using Polling.Core.Carriers;
using Polling.Core.Configuration;
using Polling.Core.Persistence.Results;
using Polling.Executor.Gateway;

namespace Polling.Executor.Tests.Dialects;

/// <summary>What each dialect makes of what the mock gateway says: the same, to the byte that was told.</summary>
public sealed class DialectReadingTests(DialectFixture fixture) : IClassFixture<DialectFixture>
{
    private static readonly TimeSpan Beijing = TimeSpan.FromHours(8);

    [Theory]
    [InlineData(CarrierDialect.Plain, 1, true, true)]
    [InlineData(CarrierDialect.OneLink, 1, false, false)]
    [InlineData(CarrierDialect.Telecom, 5, true, false)]
    [InlineData(CarrierDialect.Jasper, 5, true, true)]
    public async Task Usage_is_what_was_told_with_its_time_and_cycle_where_they_were(CarrierDialect dialect, int requests, bool hasTime, bool hasCycle)
    {
        var account = await fixture.AccountAsync(dialect);
        var before = TimeProvider.System.GetUtcNow();
        var results = await account.CheckAsync(TaskType.Carddata, cards: 5);

        Assert.All(results, result => Assert.Equal((PollOutcome.Success, null), (result.Outcome, result.ErrorCode)));
        var usages = results.Select(result => Assert.IsType<UsagePayload>(result.Payload)).ToArray();
        var calls = await account.LedgerAsync("carddata");
        Assert.Equal(requests, calls.Count);
        Assert.Equal(
            calls.SelectMany(call => call.GetProperty("cards").EnumerateArray()).Select(card => card.GetProperty("used_bytes").GetInt64()),
            usages.Select(usage => usage.UsedBytes));
        Assert.All(usages, usage => Assert.True(usage.UsedBytes > 0));
        Assert.All(usages, usage => Assert.Equal((hasTime, hasCycle), (usage.AsOf is not null, usage.Cycle is not null)));
        Assert.All(usages.Where(_ => hasTime), usage => Assert.InRange(usage.AsOf!.Value, before.AddSeconds(-2), TimeProvider.System.GetUtcNow()));
        var local = before.ToOffset(Beijing);
        var day = dialect == CarrierDialect.Jasper ? 27 : 1;
        var first = new DateOnly(local.Year, local.Month, day);
        Assert.All(usages.Where(_ => hasCycle), usage => Assert.Equal(local.Day < day ? first.AddMonths(-1) : first, usage.Cycle));
    }

    [Theory]
    [InlineData(CarrierDialect.Plain)]
    [InlineData(CarrierDialect.OneLink)]
    [InlineData(CarrierDialect.Telecom)]
    [InlineData(CarrierDialect.Jasper)]
    public async Task Real_names_and_packages_are_what_the_carrier_knows(CarrierDialect dialect)
    {
        var account = await fixture.AccountAsync(dialect);
        await fixture.Mock.ForceAsync(account.Card(1).Number, """{"real_name":true}""");
        await fixture.Mock.ForceAsync(account.Card(2).Number, """{"real_name":false}""");
        var named = await account.CheckAsync(TaskType.Realname, cards: 2);
        Assert.Equal(
            [RealNameStatus.RealNamed, RealNameStatus.NotRealNamed], named.Select(result => Assert.IsType<RealNamePayload>(result.Payload).Status));

        var results = await account.CheckAsync(TaskType.Package, cards: 2);
        var truth = await fixture.Mock.AskForAsync("package", "other-" + account.Code, account.Cards(2).Select(card => card.Number));
        foreach (var (result, card) in results.Zip(truth))
        {
            var package = Assert.IsType<PackagePayload>(result.Payload);
            Assert.Equal(((string?)card["package_code"], (long)card["allowance_bytes"]!), (package.Code, package.AllowanceBytes));
            Assert.Equal(dialect == CarrierDialect.Jasper, package.UsedBytes is null);
            if (dialect != CarrierDialect.Jasper)
            {
                Assert.Equal(DateTimeOffset.Parse((string)card["valid_until"]!, CultureInfo.InvariantCulture), package.ValidUntil);
            }
        }
    }

    [Theory]
    [InlineData(CarrierDialect.Plain, 1)]
    [InlineData(CarrierDialect.Telecom, 1)]
    [InlineData(CarrierDialect.Jasper, 27)]
    public async Task A_cycle_that_is_over_is_stated_to_the_byte(CarrierDialect dialect, int day)
    {
        var account = await fixture.AccountAsync(dialect);
        var cycle = new DateOnly(TimeProvider.System.GetUtcNow().Year - 1, 5, day);
        var reading = await account.AskAsync(
            (spoken, call, gateway) => spoken.ReadPastCycleAsync(call, gateway, account.Card(1), cycle, TestContext.Current.CancellationToken));

        Assert.Null(reading.Error);
        Assert.True(reading.Value > 0);
        var told = Assert.Single(await account.LedgerAsync("previous-cycle")).GetProperty("cards")[0].GetProperty("used_bytes").GetInt64();
        Assert.Equal(told, reading.Value);
    }

    [Fact]
    public async Task A_call_with_more_cards_than_one_request_can_name_is_split_and_what_does_not_fit_in_its_time_is_asked_again()
    {
        var onelink = await fixture.AccountAsync(CarrierDialect.OneLink);
        Assert.All(await onelink.CheckAsync(TaskType.Carddata, cards: 150), result => Assert.Equal(PollOutcome.Success, result.Outcome));
        Assert.Equal([100, 50], (await onelink.LedgerAsync("carddata")).Select(call => call.GetProperty("card_count").GetInt32()));

        // 5 requests a second, and a second and a half for 20.
        var telecom = await fixture.AccountAsync(CarrierDialect.Telecom, callsPerSecond: 5);
        var results = await telecom.CheckAsync(TaskType.Carddata, cards: 20, timeout: TimeSpan.FromSeconds(1.5));
        var answered = results.Count(result => result.Outcome == PollOutcome.Success);
        Assert.InRange(answered, 5, 10);
        Assert.Equal(answered, (await telecom.LedgerAsync()).Count);
        Assert.All(results.Skip(answered), result => Assert.Equal((PollOutcome.CallFailed, "not_sent"), (result.Outcome, result.ErrorCode)));
    }

    [Theory]
    [InlineData(CarrierDialect.Plain)]
    [InlineData(CarrierDialect.OneLink)]
    [InlineData(CarrierDialect.Telecom)]
    [InlineData(CarrierDialect.Jasper)]
    public async Task An_account_without_a_secret_sends_nothing_that_needs_one(CarrierDialect dialect)
    {
        var account = await fixture.AccountAsync(dialect);
        var bare = new DialectAccount(fixture, account.Id, account.Gateway with { AppSecret = null });
        var result = Assert.Single(await bare.CheckAsync(TaskType.Realname));
        if (dialect == CarrierDialect.Plain)
        {
            Assert.Equal(PollOutcome.Success, result.Outcome);
            return;
        }

        Assert.Equal((PollOutcome.CallFailed, "no_secret"), (result.Outcome, result.ErrorCode));
        Assert.Empty(await bare.LedgerAsync());
    }

    [Fact]
    public void A_secret_is_in_no_text_of_an_account() => Assert.DoesNotContain(
        "top-secret", new GatewayAccount("A", new Uri("http://a/"), TimeZoneInfo.Utc) { AppSecret = "top-secret" }.ToString(), StringComparison.Ordinal);
}
