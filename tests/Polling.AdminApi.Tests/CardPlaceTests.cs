using System.Text.Json;

namespace Polling.AdminApi.Tests;

/// <summary>With a scheduler and no executor: what is due is admitted and stays in the queue, late for want of a worker.</summary>
public sealed class CardPlaceTests(PollingSystem system)
{
    private const string Path = "/api/admin/polling-quarantine";

    [Fact]
    public async Task A_card_tells_its_place_its_lateness_and_the_cause()
    {
        await PollingSystem.UntilAsync(TimeSpan.FromSeconds(90), async () => (await PlaceAsync(8, "realname")).Text("place") == "queue");
        await PollingSystem.UntilAsync(TimeSpan.FromSeconds(10), async () => (await PlaceAsync(8, "realname")).Text("lateness_cause") == "worker");
        var place = await PlaceAsync(8, "realname");
        var due = place.GetProperty("due_at").GetDateTimeOffset();
        Assert.InRange(place.GetProperty("lateness_ms").GetInt64(), 1000, (DateTimeOffset.UtcNow - due).TotalMilliseconds + 1);
        Assert.EndsWith("+00:00", place.Text("since"), StringComparison.Ordinal);

        var (_, page) = await system.Api.GetAsync("/api/admin/cards/8");
        Assert.Equal(["realname", "carddata", "package"], page.GetProperty("places").EnumerateArray().Select(p => p.Text("task_type")));
    }

    [Fact]
    public async Task A_card_is_explained()
    {
        await PollingSystem.UntilAsync(TimeSpan.FromSeconds(90), async () => (await PlaceAsync(7, "realname")).Text("place") == "queue");
        var (_, made) = await system.Api.SendAsync(
            HttpMethod.Post, "/api/admin/polling-configs",
            """{"name": "all cards, rarely", "task_type": "realname", "interval_seconds": 7200, "priority": 900}""");
        var (status, card) = await system.Api.GetAsync("/api/admin/cards/7/explain");

        Assert.Equal((200, 7), (status, card.GetProperty("card").Number("id")));
        var tasks = card.GetProperty("tasks").EnumerateArray().ToDictionary(task => task.Text("task_type")!);
        Assert.Equal(["realname", "carddata", "package"], tasks.Keys);
        var realName = tasks["realname"];
        Assert.Equal(("queue", JsonValueKind.Null), (realName.GetProperty("place").Text("place"), realName.GetProperty("next_due_at").ValueKind));
        Assert.NotEqual(made.Number("id"), realName.GetProperty("configuration").Number("id"));
        Assert.Contains(realName.GetProperty("other_configurations").EnumerateArray(), config => config.Number("id") == made.Number("id"));
        Assert.Contains("waits for a permit or an executor", realName.Text("summary"), StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Null, realName.GetProperty("last_call").ValueKind);
        Assert.Equal(1800, tasks["carddata"].GetProperty("configuration").Number("interval_seconds"));
        await system.Api.SendAsync(HttpMethod.Delete, $"/api/admin/polling-configs/{made.Number("id")}");

        Assert.Equal(404, (await system.Api.GetAsync("/api/admin/cards/12345678/explain")).Status);
        Assert.Equal((400, "id"), await RefusedAsync("/api/admin/cards/x/explain"));

        async Task<(int, string?)> RefusedAsync(string path)
        {
            var (wrong, problem) = await system.Api.GetAsync(path);
            return (wrong, problem.Mistake().Field);
        }
    }

    [Fact]
    public async Task Quarantined_cards_are_listed_and_released()
    {
        const string Key = "polling:quarantine:carddata";
        var since = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
        await system.Redis.SortedSetRemoveAsync("polling:queue:carddata", 6);
        await system.Redis.SortedSetRemoveAsync("polling:schedule:carddata:3", 6);
        await system.Redis.SortedSetAddAsync(Key, [new(6, since.ToUnixTimeMilliseconds()), new(699_999_999, since.ToUnixTimeMilliseconds() + 1)]);

        Assert.Equal("quarantine", (await PlaceAsync(6, "carddata")).Text("place"));
        var (_, counts) = await system.Api.GetAsync(Path);
        Assert.Equal([0, 2, 0], counts.GetProperty("items").EnumerateArray().Select(item => item.Number("cards")));
        var (_, page) = await system.Api.GetAsync($"{Path}/carddata?page_size=1");
        Assert.Equal((2, 1), (page.Number("total"), page.GetProperty("items").GetArrayLength()));
        var first = page.GetProperty("items")[0];
        Assert.Equal((6, 3, since), (first.Number("card_id"), first.Number("account_id"), first.GetProperty("since").GetDateTimeOffset()));
        Assert.StartsWith("898603", first.Text("iccid"), StringComparison.Ordinal);

        var (status, released) = await system.Api.SendAsync(HttpMethod.Post, $"{Path}/carddata/release", """{"card_ids": [6, 7, 699999999]}""");
        Assert.Equal((200, 1), (status, released.Number("released")));
        Assert.Equal("[7]", released.GetProperty("not_in_quarantine").ToString());
        Assert.Equal("[699999999]", released.GetProperty("unknown").ToString());
        await PollingSystem.UntilAsync(TimeSpan.FromSeconds(10), async () => (await PlaceAsync(6, "carddata")).Text("place") == "queue");
        await system.Redis.KeyDeleteAsync(Key);
    }

    [Theory]
    [InlineData("/sms/release", """{"card_ids": [1]}""", "task_type", "sms", "one of realname, carddata, package")]
    [InlineData("/realname/release", "{}", "card_ids", "", "an array of 1 to 1000 integers")]
    [InlineData("/realname/release", """{"card_ids": []}""", "card_ids", "[…]", "an array of 1 to 1000 integers")]
    [InlineData("/realname/release", """{"card_ids": 5}""", "card_ids", "5", "an array of 1 to 1000 integers")]
    [InlineData("/realname/release", """{"card_ids": [1, -2]}""", "card_ids[]", "-2", "an integer from 1 to 699999999")]
    public async Task What_is_wrong_is_named(string path, string json, string field, string value, string rule)
    {
        var (status, problem) = await system.Api.SendAsync(HttpMethod.Post, Path + path, json);
        Assert.Equal((400, (field, value, rule)), (status, problem.Mistake()));
    }

    private async Task<JsonElement> PlaceAsync(long card, string type)
    {
        var (_, page) = await system.Api.GetAsync($"/api/admin/cards/{card}");
        return page.GetProperty("places").EnumerateArray().Single(place => place.Text("task_type") == type);
    }
}
