using Polling.Core.Configuration;
using Polling.Core.Queue;
using Polling.Faults.Tests.Harness;
using Polling.TestServers;
using Condition = Polling.Faults.Tests.Harness.Condition;

namespace Polling.Faults.Tests.HighAvailability;

/// <summary>
/// A Redis Cluster of three masters, each with one task type's keys and a replica. A master is killed -9 and stays away: its replica takes its place by itself;
/// another comes back without its data, and what it held is loaded from PostgreSQL again. Each time the rest keeps its epoch.
/// </summary>
public class ClusterTests(ITestOutputHelper output)
{
    private readonly HashSet<TaskType> _struck = [];

    [Fact]
    public async Task A_dead_master_is_replaced_and_a_lost_one_is_filled_again()
    {
        var cluster = await TestRedisCluster.StartAsync(appendOnly: true, replicas: true, TestContext.Current.CancellationToken);
        await using var system = await StartAsync(cluster);
        await StrikeAsync(system, TaskType.Realname, "is killed and stays away", () => StayAwayAsync(cluster, TaskType.Realname));
        await StrikeAsync(system, TaskType.Carddata, "is killed and loses its data", () => ComeBackAsync(cluster, TaskType.Carddata, empty: true), cardsMayBeMissing: true);
    }

    /// <summary>It believes that it still is the master, and has writes that nobody else has.</summary>
    [Fact, Trait("Category", "Long")]
    public async Task A_killed_master_comes_back_with_its_data_before_it_is_replaced_and_after()
    {
        var cluster = await TestRedisCluster.StartAsync(appendOnly: true, replicas: true, TestContext.Current.CancellationToken);
        await using var system = await StartAsync(cluster);
        await StrikeAsync(system, TaskType.Realname, "is killed", () => ComeBackAsync(cluster, TaskType.Realname, empty: false));
        await StrikeAsync(system, TaskType.Carddata, "is killed, replaced and comes back", async () =>
        {
            await StayAwayAsync(cluster, TaskType.Carddata);
            await ComeBackAsync(cluster, TaskType.Carddata, empty: false);
        });
    }

    private static Task<FaultSystem> StartAsync(TestRedisCluster cluster) => FaultSystem.StartAsync(
        new Store(cluster.ConnectionString.Replace(",allowAdmin=true", "", StringComparison.Ordinal), cluster.ConnectionString, KeyLayout.Cluster, cluster),
        TestContext.Current.CancellationToken);

    private static async Task StayAwayAsync(TestRedisCluster cluster, TaskType type)
    {
        await cluster.NodeOf(type.Name()).KillAsync();
        await cluster.FailedOverAsync(type.Name(), TestContext.Current.CancellationToken);
    }

    private static async Task ComeBackAsync(TestRedisCluster cluster, TaskType type, bool empty)
    {
        await cluster.NodeOf(type.Name()).RestartAsync(empty, TestContext.Current.CancellationToken);
        await cluster.WholeAsync(TestContext.Current.CancellationToken);
    }

    private async Task StrikeAsync(FaultSystem system, TaskType type, string what, Func<Task> strike, bool cardsMayBeMissing = false)
    {
        await using var run = await FaultRun.BeginAsync(system, cardsMayBeMissing);
        var before = await EpochsAsync(system);
        output.WriteLine($"{await run.StrikeAsync()} cards were held; the master of {type} {what}");
        await strike();
        await run.EndAsync(from: TimeProvider.System.GetUtcNow());
        var after = await EpochsAsync(system);

        // On a busy machine the epoch of one that was struck before follows once more, which only asks its calls anew.
        Assert.All(Fleet.Tasks, task => Assert.True(
            task == type ? after[task] > before[task] : _struck.Contains(task) ? after[task] >= before[task] : after[task] == before[task],
            $"the epoch of {task} was {before[task]} and is {after[task]}"));
        _struck.Add(type);
    }

    private static async Task<Dictionary<TaskType, long>> EpochsAsync(FaultSystem system)
    {
        var epochs = new Dictionary<TaskType, long>();
        foreach (var task in Fleet.Tasks)
        {
            await Condition.HoldsAsync(
                async () => (epochs[task] = (long?)await system.Database.HashGetAsync(system.Keys.Epoch(task), "epoch") ?? 0) > 0, Condition.Patience, "there is no epoch");
        }

        return epochs;
    }
}
