using Polling.Core.Cards;
using Polling.Core.Carriers;
using Polling.Core.Configuration;
using Polling.Executor.Dialects;
using Polling.Executor.Gateway;

namespace Polling.Executor.Tests.Dialects;

/// <summary>Each dialect's errors: of a card, or of the call with what follows from it.</summary>
public sealed class DialectErrorTests(DialectFixture fixture) : IClassFixture<DialectFixture>
{
    public static TheoryData<CarrierDialect> All => [.. Enum.GetValues<CarrierDialect>()];

    [Theory]
    [MemberData(nameof(All))]
    public async Task An_error_of_a_card_is_that_cards_and_12010_is_told_apart_by_its_message(CarrierDialect dialect)
    {
        var account = await fixture.AccountAsync(dialect);
        (string Error, string Message, string Expected)[] cases =
        [
            ("12009", "not yours", "12009"), ("12010", "卡号不存在", "card_unknown"), ("12010", "流量池已用尽", "pool_exhausted"),
            ("12010", "the shared POOL is exhausted", "pool_exhausted"), ("12099", "expired", "12099"), ("12100", "used up", "12100"),
        ];
        foreach (var (error, message, expected) in cases)
        {
            await fixture.Mock.ForceAsync(account.Card(2).Number, $$"""{"error":"{{error}}","error_message":"{{message}}"}""");
            var results = await account.CheckAsync(TaskType.Realname, cards: 2);
            Assert.Equal([null, expected], results.Select(result => result.ErrorCode));
            Assert.Equal(PollOutcome.CardError, results[1].Outcome);
        }
    }

    [Fact]
    public async Task A_device_that_Jasper_does_not_know_is_an_unknown_card()
    {
        var account = await fixture.AccountAsync(CarrierDialect.Jasper);
        await fixture.Mock.ForceAsync(account.Card(1).Number, """{"error":"20000002"}""");
        var result = Assert.Single(await account.CheckAsync(TaskType.Carddata));
        Assert.Equal((PollOutcome.CardError, "card_unknown"), (result.Outcome, result.ErrorCode));
    }

    [Theory]
    [InlineData(CarrierDialect.OneLink, "12004")]
    [InlineData(CarrierDialect.Telecom, "12004")]
    [InlineData(CarrierDialect.Jasper, "10000001")]
    public async Task Wrong_credentials_are_refused_and_not_tried_for_every_card(CarrierDialect dialect, string code)
    {
        var account = await fixture.AccountAsync(dialect, secret: "wrong");
        var results = await account.CheckAsync(TaskType.Realname, cards: 3);
        Assert.All(results, result => Assert.Equal(PollOutcome.CallFailed, result.Outcome));
        Assert.Equal(code, results[0].ErrorCode);
        Assert.Single(await account.LedgerAsync());
        Assert.Equal(GatewayOutcome.Refused, (await FailAsync(account)).Outcome);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Too_many_calls_back_off_the_account_however_it_is_said(CarrierDialect dialect)
    {
        var account = await fixture.AccountAsync(dialect);
        await account.CheckAsync(TaskType.Realname); // A token, where there are tokens.
        await account.FaultsAsync("\"http_429\":1");
        Assert.Equal(GatewayOutcome.BackOffAccount, (await FailAsync(account)).Outcome);

        // By the quota itself: the dialect's own way to say so.
        await account.FaultsAsync("\"http_429\":0");
        await fixture.Mock.BehaveAsync("{\"quotas\":{\"enforce\":true,\"accounts\":{\"" + account.Code + "\":1}}}");
        GatewayException? refused = null;
        for (var i = 0; i < 5 && refused is null; i++)
        {
            refused = await Record.ExceptionAsync(() => ReadAsync(account)) as GatewayException;
        }

        await fixture.Mock.BehaveAsync("""{"quotas":{"enforce":false}}""");
        Assert.Equal(GatewayOutcome.BackOffAccount, refused?.Outcome);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Passing_troubles_are_tried_again_later_and_of_a_split_call_only_by_the_cards_that_had_them(CarrierDialect dialect)
    {
        var account = await fixture.AccountAsync(dialect);
        await account.CheckAsync(TaskType.Realname);
        await account.FaultsAsync("\"other_error\":1,\"http_500\":0");
        var failed = await FailAsync(account);
        Assert.Equal(("19010", GatewayOutcome.RetryLater), (failed.Code, failed.Outcome));
        await account.FaultsAsync("\"other_error\":0,\"http_500\":1");
        failed = await FailAsync(account);
        Assert.Equal(("http_500", GatewayOutcome.RetryLater), (failed.Code, failed.Outcome));

        await account.FaultsAsync("\"other_error\":0.5,\"http_500\":0");
        var codes = new List<string?>();
        for (var i = 0; i < 3; i++)
        {
            codes.AddRange((await account.CheckAsync(TaskType.Realname, cards: 5)).Select(result => result.ErrorCode));
        }

        await account.FaultsAsync("\"other_error\":0");
        Assert.Subset(new HashSet<string?> { null, "19010" }, codes.ToHashSet());
        if (dialect is CarrierDialect.Telecom or CarrierDialect.Jasper)
        {
            Assert.Equal(2, codes.Distinct().Count());
        }
    }

    private static async Task<GatewayException> FailAsync(DialectAccount account) =>
        await Assert.ThrowsAsync<GatewayException>(() => ReadAsync(account));

    private static Task<IReadOnlyList<CardReading<RealNameStatus>>> ReadAsync(DialectAccount account) => account.AskAsync(
        (dialect, call, gateway) => dialect.ReadRealNamesAsync(call, gateway, account.Cards(1), TestContext.Current.CancellationToken));
}
