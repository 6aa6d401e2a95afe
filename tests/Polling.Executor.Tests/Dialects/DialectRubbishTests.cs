using Polling.Core.Cards;
using Polling.Core.Carriers;
using Polling.Core.Configuration;
using Polling.Executor.Dialects;
using Polling.Executor.Gateway;

namespace Polling.Executor.Tests.Dialects;

/// <summary>A gateway that answers rubbish: each card gets the reason, nothing is taken for a reading, and memory stays flat.</summary>
public sealed class DialectRubbishTests(DialectFixture fixture) : IClassFixture<DialectFixture>
{
    private static readonly TaskType[] Tasks = [TaskType.Realname, TaskType.Carddata, TaskType.Package];

    public static TheoryData<CarrierDialect> All => [.. Enum.GetValues<CarrierDialect>()];

    [Theory]
    [MemberData(nameof(All))]
    public async Task What_is_no_answer_fails_with_its_reason(CarrierDialect dialect)
    {
        var account = await fixture.AccountAsync(dialect);
        await account.CheckAsync(TaskType.Realname);
        (string Faults, PollOutcome Outcome, string Code)[] cases =
        [
            ("\"rubbish\":1,\"rubbish_kind\":\"html\"", PollOutcome.CallFailed, "bad_json"),
            ("\"rubbish\":1,\"rubbish_kind\":\"empty\"", PollOutcome.CallFailed, "bad_json"),
            ("\"rubbish\":1,\"rubbish_kind\":\"huge_body\"", PollOutcome.CallFailed, "too_long"),
            ("\"truncated\":1", PollOutcome.CallFailed, "bad_json"),
            ("\"wrong_card\":1", PollOutcome.CardError, "wrong_card"),
        ];
        foreach (var (faults, outcome, code) in cases)
        {
            await account.FaultsAsync(faults);
            foreach (var task in Tasks)
            {
                var result = Assert.Single(await account.CheckAsync(task));
                Assert.Equal((outcome, code, null), (result.Outcome, result.ErrorCode, result.Payload));
            }

            // An answer in between, so that the circuit stays closed.
            await account.FaultsAsync("\"rubbish\":0,\"truncated\":0,\"wrong_card\":0");
            Assert.Equal(PollOutcome.Success, (await account.CheckAsync(TaskType.Realname))[0].Outcome);
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Values_that_cannot_be_are_the_cards_errors(CarrierDialect dialect)
    {
        var account = await fixture.AccountAsync(dialect);
        (string Kind, string Code)[] kinds = [("blank_numbers", "no_value"), ("negative_numbers", "bad_value"), ("huge_numbers", "bad_value")];
        foreach (var (kind, code) in kinds)
        {
            await account.CheckAsync(TaskType.Realname);
            await account.FaultsAsync($"\"rubbish\":1,\"rubbish_kind\":\"{kind}\"");
            foreach (var task in new[] { TaskType.Carddata, TaskType.Package })
            {
                var result = Assert.Single(await account.CheckAsync(task));

                // Two carriers say with a blank that a card has used nothing yet: that is answered, and no reading.
                var isAnswer = kind == "blank_numbers" && task == TaskType.Carddata && dialect is CarrierDialect.OneLink or CarrierDialect.Telecom;
                Assert.Equal(
                    isAnswer ? (PollOutcome.Success, null, null) : (PollOutcome.CardError, code, null), (result.Outcome, result.ErrorCode, result.Payload));
            }

            await account.FaultsAsync("\"rubbish\":0");
        }

        foreach (var kind in new[] { "year_1", "year_9999" })
        {
            await account.FaultsAsync($"\"rubbish\":1,\"rubbish_kind\":\"{kind}\"");

            // OneLink's figures have no time and Jasper's packages no end.
            var usage = Assert.Single(await account.CheckAsync(TaskType.Carddata));
            var package = Assert.Single(await account.CheckAsync(TaskType.Package));
            Assert.Equal(dialect == CarrierDialect.OneLink ? null : "bad_value", usage.ErrorCode);
            Assert.Equal(dialect == CarrierDialect.Jasper ? null : "bad_value", package.ErrorCode);
            await account.FaultsAsync("\"rubbish\":0");
        }
    }

    [Fact]
    public async Task Memory_stays_flat_however_long_the_answers_are()
    {
        var accounts = new List<DialectAccount>();
        foreach (var dialect in Enum.GetValues<CarrierDialect>())
        {
            accounts.Add(await fixture.AccountAsync(dialect));
            await accounts[^1].CheckAsync(TaskType.Carddata);
        }

        await fixture.Mock.BehaveAsync($$$"""{"faults":{"rubbish":0.9,"rubbish_kind":"huge_body","accounts":["{{{string.Join("\",\"", accounts.Select(account => account.Code))}}}"]}}""");
        await RoundsAsync(2);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var tooLong = await RoundsAsync(10);
        var grown = GC.GetTotalMemory(forceFullCollection: true) - before;
        await fixture.Mock.BehaveAsync("""{"faults":{"rubbish":0}}""");

        Assert.True(tooLong >= 10, $"Only {tooLong} answers were too long.");
        Assert.True(grown < 8 * 1024 * 1024, $"Memory has grown by {grown} bytes over {tooLong} answers of 10 MB.");

        async Task<int> RoundsAsync(int rounds)
        {
            var found = 0;
            for (var round = 0; round < rounds; round++)
            {
                foreach (var account in accounts)
                {
                    // An open circuit refuses: nothing is sent then.
                    var results = await Record.ExceptionAsync(async () => found += (await account.CheckAsync(TaskType.Carddata)).Count(r => r.ErrorCode == "too_long"));
                    Assert.True(results is null or QuotaRefusedException, results?.ToString());
                }
            }

            return found;
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Rubbish_about_a_stop_is_ambiguous_and_never_taken_for_done(CarrierDialect dialect)
    {
        var account = await fixture.AccountAsync(dialect);
        await account.CheckAsync(TaskType.Realname);
        var card = 0;
        foreach (var faults in new[] { "\"truncated\":1", "\"truncated\":0,\"http_500\":1", "\"http_500\":0,\"other_error\":1", "\"other_error\":0,\"rubbish\":1,\"rubbish_kind\":\"html\"" })
        {
            await account.FaultsAsync(faults);
            var failed = await Assert.ThrowsAsync<GatewayException>(() => account.StopAsync(account.Card(++card), $"key-{card}"));
            Assert.Equal(GatewayOutcome.Ambiguous, failed.Outcome);
        }

        await account.FaultsAsync("\"rubbish\":0");
        Assert.Equal(4, (await account.LedgerAsync("suspend")).Count); // Each was sent once.
    }
}
