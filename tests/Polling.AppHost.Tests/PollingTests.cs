using System.Globalization;
using Npgsql;
using StackExchange.Redis;

namespace Polling.AppHost.Tests;

/// <summary>The running system polls its cards, and says so where operators look.</summary>
public sealed class PollingTests(RunningSystem system) : IClassFixture<RunningSystem>
{
    private static readonly TimeSpan FirstSweep = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task Health_answers()
    {
        using var api = system.Application.CreateHttpClient("admin-api");

        using var answer = await api.GetAsync(new Uri("/health", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.True(answer.IsSuccessStatusCode, $"{answer.StatusCode}");
    }

    [Theory]
    [InlineData("realname")]
    [InlineData("carddata")]
    [InlineData("package")]
    public async Task Each_demo_card_is_asked_about_and_none_twice_within_half_its_interval(string task)
    {
        using var api = system.Application.CreateHttpClient("admin-api");

        await Condition.HoldsAsync(async () => (await Ledger.SummaryAsync(api, task)).DistinctCards >= 1000, FirstSweep);

        // Half of 60 s, the shortest of the intervals.
        Assert.Equal(0, (await Ledger.SummaryAsync(api, task)).Duplicates);
    }

    [Fact]
    public async Task Each_cards_usage_is_recorded_once_and_its_package_is_known()
    {
        await using var database = NpgsqlDataSource.Create((await system.Application.GetConnectionStringAsync("polling", TestContext.Current.CancellationToken))!);
        await Condition.HoldsAsync(async () => await CountAsync("tb_card_package") >= 1000 && await CountAsync("tb_usage_record") >= 1000, FirstSweep);

        // The interval is half an hour: no card has been due twice.
        Assert.Equal((1000, 1000), (await CountAsync("tb_usage_record"), await CountAsync("tb_card_package")));
        Assert.Equal(0, await CountAsync("tb_poison_result"));

        async Task<long> CountAsync(string table)
        {
            await using var command = database.CreateCommand($"SELECT count(*) FROM {table}");
            return (long)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
        }
    }

    [Fact]
    public async Task Redis_shows_operators_true_values()
    {
        using var api = system.Application.CreateHttpClient("admin-api");
        await Condition.HoldsAsync(async () => (await Ledger.SummaryAsync(api)).DistinctCards >= 1000, FirstSweep);
        var address = await system.Application.GetConnectionStringAsync("redis", TestContext.Current.CancellationToken);
        await using var redis = await ConnectionMultiplexer.ConnectAsync(address!);
        var database = redis.GetDatabase();

        var progress = (await database.HashGetAllAsync("polling:init:progress")).ToDictionary(f => (string)f.Name!, f => (string?)f.Value);
        Assert.Equal("1000", progress["total"]);
        Assert.Equal("1000", progress["loaded"]);
        Assert.Equal("done", progress["state"]);

        Assert.InRange(await database.SortedSetLengthAsync("polling:queue:realname"), 0, 1000);
        Assert.True((int)await database.StringGetAsync("polling:concurrency:config:realname") > 0);
        Assert.InRange(
            int.Parse((string?)await database.StringGetAsync("polling:concurrency:current:realname") ?? "0", CultureInfo.InvariantCulture),
            0,
            (int)await database.StringGetAsync("polling:concurrency:config:realname"));

        await Condition.HoldsAsync(async () => (long?)await database.HashGetAsync("polling:stats:realname", "total") >= 1000, FirstSweep);
        var statistics = (await database.HashGetAllAsync("polling:stats:realname")).ToDictionary(f => (string)f.Name!, f => (double)f.Value);
        Assert.Equal(statistics["total"], statistics["success"] + statistics["failed"]);
        Assert.InRange(statistics["avg_duration_ms"], 1, 60_000);
        Assert.InRange(statistics["success_rate"], 0, 100);
        Assert.Contains("due_total", statistics);
    }

    [Fact]
    public async Task The_log_has_the_keywords_that_operators_look_for()
    {
        string[] keywords = ["轮询调度器启动", "渐进式初始化", "实名检查完成", "流量检查完成", "套餐检查完成"];
        await Condition.HoldsAsync(
            async () =>
            {
                var log = await ReadAsync(Path.Combine(system.LogDirectory, "worker.log"));
                return keywords.All(keyword => log.Contains(keyword, StringComparison.Ordinal));
            },
            FirstSweep);
    }

    private static async Task<string> ReadAsync(string file)
    {
        await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }
}
