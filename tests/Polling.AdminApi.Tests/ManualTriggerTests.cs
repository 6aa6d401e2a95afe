using System.Text.Json;

namespace Polling.AdminApi.Tests;

/// <summary>With a scheduler and no executor: what is asked for by hand is admitted, and waits. (How it ends: the tests of faults, and of the whole system.)</summary>
public sealed class ManualTriggerTests(PollingSystem system)
{
    private const string Path = "/api/admin/polling-manual-trigger";

    [Fact]
    public async Task One_card_is_handed_to_the_queue_at_once()
    {
        var (status, trigger) = await PostAsync("single", """{"card_id": 9, "task_type": "package"}""");
        Assert.Equal((202, "single", "package", 1), (status, trigger.Text("kind"), trigger.Text("task_type"), trigger.Number("total")));
        AssertCounted(trigger);

        var id = trigger.Text("trigger_id")!;
        var (_, read) = await system.Api.GetAsync($"{Path}/{id}");
        Assert.Equal(id, read.Text("trigger_id"));
        var (_, list) = await system.Api.GetAsync($"{Path}?task_type=package");
        Assert.Contains(list.GetProperty("items").EnumerateArray(), item => item.Text("trigger_id") == id);

        // The card waits in the queue for an executor, or its turn; asked for again it is on its way already.
        await PollingSystem.UntilAsync(TimeSpan.FromSeconds(30), async () => (await CardAsync(id, 9)).Text("state") is "running" or "skipped");
        await PollingSystem.UntilAsync(
            TimeSpan.FromSeconds(60), async () => await system.Redis.SortedSetScoreAsync("polling:queue:package", 9) is not null);
        var (_, again) = await PostAsync("single", """{"card_id": 9, "task_type": "package"}""");
        await EndedAsync(again.Text("trigger_id")!);
        var (_, ended) = await system.Api.GetAsync($"{Path}/{again.Text("trigger_id")}");
        Assert.Equal(("done", 1, 1), (ended.Text("state"), ended.Number("skipped"), ended.GetProperty("skip_reasons").Number("under_way")));
        Assert.NotNull(ended.Text("finished_at"));
    }

    [Fact]
    public async Task A_batch_tells_which_cards_it_skipped_and_is_cancelled()
    {
        var (status, trigger) = await PostAsync("batch", """{"card_ids": [1, 2, 3, 2, 600000001, 600000002], "task_type": "carddata"}""");
        Assert.Equal((202, 5, 2), (status, trigger.Number("total"), trigger.GetProperty("skip_reasons").Number("unknown_card")));
        AssertCounted(trigger);
        var id = trigger.Text("trigger_id")!;

        // Cards 1 to 3 may have been on their way already, and then they are skipped, too.
        var (_, skipped) = await system.Api.GetAsync($"{Path}/{id}/cards?state=skipped&after_card_id=600000000&page_size=1");
        Assert.Equal((600_000_001, "unknown_card"), (skipped.GetProperty("items")[0].Number("card_id"), skipped.GetProperty("items")[0].Text("reason")));
        var (_, rest) = await system.Api.GetAsync($"{Path}/{id}/cards?state=skipped&after_card_id={skipped.Number("next_after_card_id")}");
        Assert.Equal(600_000_002, rest.GetProperty("items")[0].Number("card_id"));

        var (cancelStatus, cancelled) = await PostAsync("cancel", $$"""{"trigger_id": "{{id}}"}""");

        // No executor has claimed any of them: they are taken back before the answer.
        Assert.Equal((200, "cancelled", 0, 0), (cancelStatus, cancelled.Text("state"), cancelled.Number("queued"), cancelled.Number("running")));
        AssertCounted(cancelled);
        Assert.Equal(200, (await PostAsync("cancel", $$"""{"trigger_id": "{{id}}"}""")).Status);
    }

    [Fact]
    public async Task A_condition_names_cards_as_the_list_does()
    {
        var (_, cards) = await system.Api.GetAsync("/api/admin/cards?account_id=2&status=1");
        var (status, trigger) = await PostAsync("by-condition", """{"task_type": "realname", "account_id": 2, "status": 1}""");
        Assert.Equal((202, 2, 1), (status, trigger.GetProperty("condition").Number("account_id"), trigger.GetProperty("condition").Number("status")));
        var id = trigger.Text("trigger_id")!;
        await PollingSystem.UntilAsync(TimeSpan.FromSeconds(30), async () => (await system.Api.GetAsync($"{Path}/{id}")).Body.GetProperty("is_listed").GetBoolean());

        var (_, read) = await system.Api.GetAsync($"{Path}/{id}");
        Assert.Equal(cards.Number("total"), read.Number("total"));
        AssertCounted(read);

        var (_, none) = await PostAsync("by-condition", """{"task_type": "realname", "account_id": 4000, "status": 1}""");
        await EndedAsync(none.Text("trigger_id")!);
        Assert.Equal(409, (await PostAsync("cancel", $$"""{"trigger_id": "{{none.Text("trigger_id")}}"}""")).Status);
    }

    [Theory]
    [InlineData("single", """{"card_id": 12345678, "task_type": "realname"}""", 404)]
    [InlineData("cancel", """{"trigger_id": "xxx"}""", 404)]
    [InlineData("cancel", """{"trigger_id": "99999999999999999999"}""", 404)]
    public async Task What_is_unknown_is_a_404(string path, string json, int status) => Assert.Equal(status, (await PostAsync(path, json)).Status);

    [Theory]
    [InlineData("/xxx"), InlineData("/9223372036854775807"), InlineData("/-1"), InlineData("/xxx/cards")]
    public async Task An_unknown_trigger_is_a_404(string path) => Assert.Equal(404, (await system.Api.GetAsync(Path + path)).Status);

    [Theory]
    [InlineData("single", """{"task_type": "realname"}""", "card_id", "")]
    [InlineData("single", """{"card_id": "1", "task_type": "realname"}""", "card_id", "1")]
    [InlineData("single", """{"card_id": 1, "task_type": "sms"}""", "task_type", "sms")]
    [InlineData("batch", """{"card_ids": [], "task_type": "realname"}""", "card_ids", "[…]")]
    [InlineData("batch", """{"card_ids": [1, 0], "task_type": "realname"}""", "card_ids[]", "0")]
    [InlineData("by-condition", """{"task_type": "realname"}""", "iccid, msisdn, carrier_id, account_id, status, real_name_status, package_id", "")]
    [InlineData("by-condition", """{"task_type": "realname", "status": 4}""", "status", "4")]
    [InlineData("by-condition", """{"task_type": "realname", "iccid": "89x"}""", "iccid", "89x")]
    [InlineData("by-condition", """{"task_type": "realname", "iccid": ""}""", "iccid", "")]
    [InlineData("by-condition", """{"task_type": "realname", "city": 1, "status": 1}""", "city", "1")]
    [InlineData("cancel", """{"trigger_id": ""}""", "trigger_id", "")]
    public async Task What_is_wrong_is_named(string path, string json, string field, string value)
    {
        var (status, problem) = await PostAsync(path, json);
        var (wrong, shown, _) = problem.Mistake();
        Assert.Equal((400, field, value), (status, wrong, shown));
    }

    [Fact]
    public async Task More_than_a_batch_is_refused_and_as_many_are_taken()
    {
        var (refused, problem) = await PostAsync("batch", Batch(100_001));
        Assert.Equal((400, "card_ids"), (refused, problem.Mistake().Field));

        var (status, trigger) = await PostAsync("batch", Batch(100_000));
        Assert.Equal((202, 100_000, 100_000), (status, trigger.Number("total"), trigger.GetProperty("skip_reasons").Number("unknown_card")));

        static string Batch(int cards) => $$"""{"task_type": "realname", "card_ids": [{{string.Join(',', Enumerable.Range(600_000_000, cards))}}]}""";
    }

    private static void AssertCounted(JsonElement trigger) => Assert.Equal(
        trigger.Number("total"),
        new[] { "queued", "running", "done", "failed", "skipped", "cancelled" }.Sum(state => trigger.Number(state)));

    private async Task EndedAsync(string id) => await PollingSystem.UntilAsync(
        TimeSpan.FromSeconds(60), async () => (await system.Api.GetAsync($"{Path}/{id}")).Body.Text("finished_at") is not null);

    private async Task<JsonElement> CardAsync(string id, long card) =>
        (await system.Api.GetAsync($"{Path}/{id}/cards?after_card_id={card - 1}")).Body.GetProperty("items")[0];

    private Task<(int Status, JsonElement Body)> PostAsync(string path, string json) => system.Api.SendAsync(HttpMethod.Post, $"{Path}/{path}", json);
}
