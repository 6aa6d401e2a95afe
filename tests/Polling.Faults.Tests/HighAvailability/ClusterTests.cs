using Polling.Core.Configuration;
using Polling.Core.Queue;
using Polling.Faults.Tests.Harness;
using Polling.TestServers;
using Condition = Polling.Faults.Tests.Harness.Condition;

namespace Polling.Faults.Tests.HighAvailability;

/// <summary>
/// A Redis Cluster of three masters, each with one task type's keys: one is killed -9 and comes back with its data; another comes back without any, and what
/// it held is loaded from PostgreSQL again. Each time the rest keeps its epoch.
/// </summary>
public class ClusterTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_killed_master_comes_back_and_a_lost_one_is_filled_again()
    {
        var cancel = TestContext.Current.CancellationToken;
        var cluster = await TestRedisCluster.StartAsync(appendOnly: true, cancel);
        await using var system = await FaultSystem.StartAsync(
            new Store(cluster.ConnectionString.Replace(",allowAdmin=true", "", StringComparison.Ordinal), cluster.ConnectionString, KeyLayout.Cluster, cluster), cancel);
        await StrikeAsync(system, cluster, TaskType.Realname, empty: false);
        await StrikeAsync(system, cluster, TaskType.Carddata, empty: true);
    }

    private async Task StrikeAsync(FaultSystem system, TestRedisCluster cluster, TaskType type, bool empty)
    {
        var cancel = TestContext.Current.CancellationToken;
        await using var run = await FaultRun.BeginAsync(system, cardsMayBeMissing: empty);
        var before = await EpochsAsync(system);
        output.WriteLine($"{await run.StrikeAsync()} cards were held; the master of {type} is killed{(empty ? " and loses its data" : "")}");
        var node = cluster.NodeOf(type.Name());
        await node.KillAsync();
        await node.RestartAsync(empty, cancel);
        await cluster.WholeAsync(cancel);
        await run.EndAsync(from: TimeProvider.System.GetUtcNow());
        var after = await EpochsAsync(system);
        Assert.All(Fleet.Tasks, task => Assert.True(
            task == type ? after[task] > before[task] : after[task] == before[task], $"the epoch of {task} was {before[task]} and is {after[task]}"));
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
