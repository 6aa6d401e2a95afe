using StackExchange.Redis;

namespace Polling.AdminApi.Tests;

public sealed class ConcurrencyTests(ApiProcess api)
{
    private const string Path = "/api/admin/polling-concurrency";
    private const string LimitRule = "an integer from 1 to 10000";
    private const string TypeRule = "one of realname, carddata, package";

    [Fact]
    public async Task A_new_limit_is_saved_and_in_redis_when_the_answer_comes()
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(api.Redis);
        var (status, answer) = await api.SendAsync(HttpMethod.Put, $"{Path}/realname", """{"max_concurrency": 140}""");

        Assert.Equal(200, status);
        Assert.Equal((140, 140), (answer.Number("max_concurrency"), answer.Number("in_force")));
        Assert.Equal(140, (int)await redis.GetDatabase().StringGetAsync("polling:concurrency:config:realname"));
        var (_, again) = await api.GetAsync($"{Path}/realname");
        Assert.Equal(answer.ToString(), again.ToString());
        var (_, all) = await api.GetAsync(Path);
        Assert.Equal(
            ["realname", "carddata", "package"], all.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("task_type").GetString()));

        // What an answer has may be sent back as it is.
        Assert.Equal(200, (await api.SendAsync(HttpMethod.Put, $"{Path}/realname", answer.ToString())).Status);
    }

    [Fact]
    public async Task A_reset_drops_leaked_permits_and_keeps_running_calls()
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(api.Redis);
        var database = redis.GetDatabase();
        var end = DateTimeOffset.UtcNow.AddMinutes(5).ToUnixTimeMilliseconds();
        await database.SortedSetAddAsync("polling:permit:carddata", [new("1:1:1", end), new("2:1:1", end), new("3:1:1", end)]);
        await database.SortedSetAddAsync("polling:lease:carddata", "2:1:1", end);
        await database.StringSetAsync("polling:concurrency:current:carddata", 99);

        var (status, answer) = await api.SendAsync(HttpMethod.Post, $"{Path}/reset", """{"task_type": "carddata"}""");
        Assert.Equal((200, 2, 1), (status, answer.Number("dropped"), answer.Number("current")));
        Assert.Equal(1, (int)await database.StringGetAsync("polling:concurrency:current:carddata"));
        Assert.Equal(["2:1:1"], (await database.SortedSetRangeByRankAsync("polling:permit:carddata")).Select(c => c.ToString()));
    }

    [Theory]
    [InlineData("PUT", "/package", """{"max_concurrency": 0}""", "max_concurrency", "0", LimitRule)]
    [InlineData("PUT", "/package", """{"max_concurrency": -5}""", "max_concurrency", "-5", LimitRule)]
    [InlineData("PUT", "/package", """{"max_concurrency": 10001}""", "max_concurrency", "10001", LimitRule)]
    [InlineData("PUT", "/package", """{"max_concurrency": 1e99}""", "max_concurrency", "1e99", LimitRule)]
    [InlineData("PUT", "/package", """{"max_concurrency": 2.5}""", "max_concurrency", "2.5", LimitRule)]
    [InlineData("PUT", "/package", """{"max_concurrency": "100"}""", "max_concurrency", "100", LimitRule)]
    [InlineData("PUT", "/package", """{"max_concurrency": null}""", "max_concurrency", "null", LimitRule)]
    [InlineData("PUT", "/package", """{"max_concurrency": [1]}""", "max_concurrency", "[…]", LimitRule)]
    [InlineData("PUT", "/package", "{}", "max_concurrency", "", LimitRule)]
    [InlineData("PUT", "/package", """{"max_concurrency": 5, "limit": 7}""", "limit", "7", "one of the fields max_concurrency")]
    [InlineData("PUT", "/sms", """{"max_concurrency": 5}""", "task_type", "sms", TypeRule)]
    [InlineData("PUT", "/REALNAME", """{"max_concurrency": 5}""", "task_type", "REALNAME", TypeRule)]
    [InlineData("GET", "/sms", null, "task_type", "sms", TypeRule)]
    [InlineData("POST", "/reset", """{"task_type": "sms"}""", "task_type", "sms", TypeRule)]
    [InlineData("POST", "/reset", """{"task_type": 1}""", "task_type", "1", TypeRule)]
    [InlineData("POST", "/reset", """{"task_type": "\ud800"}""", "task_type", "(not a text)", TypeRule)]
    [InlineData("POST", "/reset", "{}", "task_type", "", TypeRule)]
    public async Task What_is_wrong_is_named_and_the_old_limit_stays(string method, string path, string? json, string field, string value, string rule)
    {
        var (_, before) = await api.GetAsync($"{Path}/package");
        var (status, problem) = await api.SendAsync(new HttpMethod(method), Path + path, json);

        Assert.Equal(400, status);
        Assert.Equal((field, value, rule), problem.Mistake());
        var (_, after) = await api.GetAsync($"{Path}/package");
        Assert.Equal(before.Number("max_concurrency"), after.Number("max_concurrency"));
    }

    [Theory]
    [InlineData("[1]")]
    [InlineData("")]
    [InlineData("{\"max_concurrency\": ")]
    [InlineData("""{"max_concurrency": 1, "max_concurrency": 2}""")]
    public async Task A_body_that_is_no_object_is_a_400(string body)
    {
        var (status, problem) = await api.SendAsync(HttpMethod.Put, $"{Path}/package", body);
        Assert.Equal((400, "The body cannot be read"), (status, problem.Text("title")));
    }

    [Fact]
    public async Task A_body_that_is_too_long_or_no_json_is_refused()
    {
        Assert.Equal(413, (await api.SendAsync(HttpMethod.Put, $"{Path}/package", new string(' ', 70_000))).Status);
        using var form = new FormUrlEncodedContent([new("max_concurrency", "5")]);
        using var response = await api.Client.PutAsync(new Uri($"{Path}/package", UriKind.Relative), form, TestContext.Current.CancellationToken);
        Assert.Equal(415, (int)response.StatusCode);
    }
}
