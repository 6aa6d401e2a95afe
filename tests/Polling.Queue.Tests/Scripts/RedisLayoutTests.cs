using Microsoft.Extensions.Configuration;
using Polling.Core.Configuration;
using Polling.Core.Queue;
using Polling.Core.Queue.Epochs;
using Polling.Core.Statistics;
using Polling.Queue.Tests.Harness;

namespace Polling.Queue.Tests.Scripts;

/// <summary>Which key names a system has, and what of them one process of a cluster takes along when it is lost.</summary>
public class RedisLayoutTests(Engines engines)
{
    [Theory]
    [InlineData(null, KeyLayout.Contract)]
    [InlineData("", KeyLayout.Contract)]
    [InlineData("Single", KeyLayout.Contract)]
    [InlineData("cluster", KeyLayout.Cluster)]
    public void The_setting_chooses_the_layout(string? value, KeyLayout expected) => Assert.Equal(expected, RedisLayout.Of(Configuration(value)));

    [Fact]
    public void A_setting_that_is_neither_is_refused()
    {
        var error = Assert.Throws<InvalidOperationException>(() => RedisLayout.Of(Configuration("sharded")));
        Assert.Equal("Polling:Redis:Layout is 'sharded'; it must be Single (one Redis, with or without replicas and Sentinel) or Cluster (a Redis Cluster).", error.Message);
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task The_layout_must_fit_the_server(Engine engine)
    {
        var redis = await engines.ConnectAsync(engine);
        var right = Engines.KeysOf(engine).Layout;
        using var fits = new LayoutCheck(redis, new RedisKeys(right));
        await fits.StartAsync(TestContext.Current.CancellationToken);

        using var wrong = new LayoutCheck(redis, new RedisKeys(right == KeyLayout.Cluster ? KeyLayout.Contract : KeyLayout.Cluster));
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => wrong.StartAsync(TestContext.Current.CancellationToken));
        Assert.Contains(
            right == KeyLayout.Cluster ? "but Polling:Redis:Layout is Single; set it to Cluster" : "Polling:Redis:Layout is Cluster, but Redis is no cluster",
            error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(TaskType.Realname)]
    [InlineData(TaskType.Carddata)]
    [InlineData(TaskType.Package)]
    public async Task When_a_shard_of_a_cluster_is_lost_its_cards_are_loaded_again(TaskType type)
    {
        var redis = await engines.ConnectAsync(Engine.RedisCluster);
        var keys = Engines.KeysOf(Engine.RedisCluster);
        var store = new InitialisationProgressStore(redis, keys);
        var now = TimeProvider.System.GetUtcNow();
        Assert.Null(await store.ReadAsync());
        var progress = InitialisationProgress.Start(7, now);
        await store.StartAsync(progress, now);
        await store.WriteAsync(progress with { State = InitialisationState.Done }, now);
        Assert.Equal(InitialisationState.Done, (await store.ReadAsync())?.State);

        // A new epoch, as after a restart with its data, is no loss.
        await redis.GetDatabase().HashSetAsync(keys.Epoch(type), "epoch", "8");
        Assert.NotNull(await store.ReadAsync());
        await redis.GetServer(keys.Epoch(type)).FlushDatabaseAsync();
        Assert.Null(await store.ReadAsync());
    }

    [Fact]
    public async Task The_run_of_each_process_of_a_cluster_is_its_own()
    {
        var redis = await engines.ConnectAsync(Engine.RedisCluster);
        var keys = Engines.KeysOf(Engine.RedisCluster);
        var runs = new RunIds(redis);
        var ids = await Task.WhenAll(TaskTypes.All.Select(type => runs.OfAsync(keys.Epoch(type))));
        Assert.All(ids, id => Assert.Equal(40, id.Length));
        Assert.Equal(ids.Length, ids.Distinct().Count());
    }

    private static IConfiguration Configuration(string? value) =>
        new ConfigurationBuilder().AddInMemoryCollection([new("Polling:Redis:Layout", value)]).Build();
}
