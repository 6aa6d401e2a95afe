using Microsoft.AspNetCore.Http;
using Polling.Core.Cards;
using Polling.Core.Configuration;
using Polling.Core.Persistence.Results;

namespace Polling.Executor.Tests.Gateway;

/// <summary>What the check of each task type makes of a gateway's answer.</summary>
public class TaskCheckTests
{
    private const string First = "89860000000000000001";

    [Theory]
    [InlineData("""{"used_bytes":0}""", 0L)]
    [InlineData("""{"used_bytes":12345}""", 12345L)]
    [InlineData("""{"used_bytes":"12345"}""", 12345L)]
    [InlineData("""{"used_bytes":" 7 "}""", 7L)]
    public async Task Usage_is_read(string fields, long usedBytes)
    {
        var result = await CheckAsync(TaskType.Carddata, fields);
        Assert.Equal((PollOutcome.Success, null, usedBytes), (result.Outcome, result.ErrorCode, Assert.IsType<UsagePayload>(result.Payload).UsedBytes));
        Assert.Equal(DateTimeOffset.UnixEpoch.AddSeconds(1), result.ScheduledAt);
    }

    [Theory]
    [InlineData("{}", "no_value")]
    [InlineData("""{"used_bytes":null}""", "no_value")]
    [InlineData("""{"used_bytes":" "}""", "no_value")]
    [InlineData("""{"used_bytes":""}""", "no_value")]
    [InlineData("""{"used_bytes":-1}""", "bad_value")]
    [InlineData("""{"used_bytes":"-1"}""", "bad_value")]
    [InlineData("""{"used_bytes":1e99}""", "bad_value")]
    [InlineData("""{"used_bytes":99999999999999999999}""", "bad_value")]
    [InlineData("""{"used_bytes":"12 MB"}""", "bad_value")]
    [InlineData("""{"used_bytes":{"kb":[1]}}""", "bad_value")]
    [InlineData("""{"used_bytes":true}""", "bad_value")]
    [InlineData("""{"used_bytes":1,"as_of":"0001-01-01T00:00:00Z"}""", "bad_value")]
    [InlineData("""{"used_bytes":1,"as_of":"2098-01-01T00:00:00Z"}""", "bad_value")]
    [InlineData("""{"used_bytes":1,"cycle":"9999-01-01"}""", "bad_value")]
    [InlineData("""{"used_bytes":1,"cycle":"soon"}""", "bad_value")]
    public async Task No_usage_is_a_failure_of_the_card_and_never_0(string fields, string code) =>
        AssertFailed(await CheckAsync(TaskType.Carddata, fields), code);

    [Fact]
    public async Task A_package_is_read()
    {
        var result = await CheckAsync(
            TaskType.Package, """{"package_code":" M30 ","allowance_bytes":"30720","used_bytes":5,"valid_until":"2026-12-01T00:00:00+08:00"}""");
        Assert.Equal(
            new PackagePayload("M30", 30_720, 5, new DateTimeOffset(2026, 12, 1, 0, 0, 0, TimeSpan.FromHours(8))), result.Payload);
        Assert.Equal(PollOutcome.Success, result.Outcome);

        var least = await CheckAsync(TaskType.Package, """{"package_code":"M30","allowance_bytes":1,"used_bytes":" ","valid_until":" "}""");
        Assert.Equal(new PackagePayload("M30", 1, null, null), least.Payload);
    }

    [Theory]
    [InlineData("{}", "no_value")]
    [InlineData("""{"package_code":"M30"}""", "no_value")]
    [InlineData("""{"package_code":"M30","allowance_bytes":" "}""", "no_value")]
    [InlineData("""{"package_code":" ","allowance_bytes":1}""", "no_value")]
    [InlineData("""{"package_code":"12345678901234567890123456789012345678901234567890123456789012345","allowance_bytes":1}""", "bad_value")]
    [InlineData("""{"package_code":"M30","allowance_bytes":-1}""", "bad_value")]
    [InlineData("""{"package_code":"M30","allowance_bytes":1,"used_bytes":"much"}""", "bad_value")]
    [InlineData("""{"package_code":"M30","allowance_bytes":1,"valid_until":"soon"}""", "bad_value")]
    public async Task A_package_that_cannot_be_is_a_failure_of_the_card(string fields, string code) =>
        AssertFailed(await CheckAsync(TaskType.Package, fields), code);

    [Theory]
    [InlineData(TaskType.Realname)]
    [InlineData(TaskType.Carddata)]
    [InlineData(TaskType.Package)]
    public async Task Each_task_has_its_path_and_each_card_its_result_whatever_the_answer_lacks(TaskType type)
    {
        await using var gateway = await GatewayHarness.StartAsync();
        gateway.Answer = context => context.Response.WriteAsync(
            $$"""{"status":"0","results":[null,{"status":"0"},{"id":"{{First}}"},{"id":"89860000000000000002","status":"a code that is longer than 32 characters"}]}""");
        var results = await gateway.CheckAsync(type);

        Assert.Equal($"/gateway/demo/{type.Name()}", Assert.Single(gateway.Arrived));
        Assert.Equal(["no_status", "a code that is longer than 32 cha"[..32], "no_answer"], results.Select(r => r.ErrorCode));
        Assert.All(results, r => Assert.Equal((type, PollOutcome.CardError, null), (r.Type, r.Outcome, r.Payload)));
    }

    [Theory]
    [InlineData(TaskType.Carddata)]
    [InlineData(TaskType.Package)]
    public async Task Rubbish_fails_the_call_for_all_its_cards(TaskType type)
    {
        await using var gateway = await GatewayHarness.StartAsync();
        gateway.Answer = context => context.Response.WriteAsync("""{"status":"0","results":{""");
        var results = await gateway.CheckAsync(type);
        Assert.Equal(GatewayHarness.Cards.Select(c => c.CardId), results.Select(r => r.CardId));
        Assert.All(results, r => Assert.Equal((PollOutcome.CallFailed, "bad_json", null), (r.Outcome, r.ErrorCode, r.Payload)));
    }

    private static void AssertFailed(CardResult result, string code) =>
        Assert.Equal((PollOutcome.CardError, code, null), (result.Outcome, result.ErrorCode, result.Payload));

    // The first of the harness' cards, answered with these fields.
    private static async Task<CardResult> CheckAsync(TaskType type, string fields)
    {
        await using var gateway = await GatewayHarness.StartAsync();
        var card = "{\"id\":\"" + First + "\",\"status\":\"0\"" + (fields == "{}" ? "" : ",") + fields[1..];
        gateway.Answer = context => context.Response.WriteAsync("{\"status\":\"0\",\"results\":[" + card + "]}");
        return (await gateway.CheckAsync(type))[0];
    }
}
