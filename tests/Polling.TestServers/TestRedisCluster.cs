using System.Globalization;
using Polling.AppHost.LocalServers;

namespace Polling.TestServers;

/// <summary>
/// A Redis Cluster of a test's own: three masters on free ports of 127.0.0.1, each with one of the task types; if asked for, each with a replica that takes over
/// by itself some 6 s after its master's end.
/// </summary>
public sealed class TestRedisCluster : IAsyncDisposable
{
    private const int NodeTimeoutMs = 5000;

    // {carddata} is slot 6098, {realname} 11262, {package} 11519.
    private static readonly string[] Tasks = ["carddata", "realname", "package"];
    private static readonly string[] Slots = ["0 8191", "8192 11399", "11400 16383"];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private TestRedisCluster(IReadOnlyList<TestRedis> nodes) => Nodes = nodes;

    /// <summary>The masters at the beginning: of carddata, of realname, of package; then their replicas in the same order.</summary>
    public IReadOnlyList<TestRedis> Nodes { get; }

    /// <summary>The first master of a task type's keys.</summary>
    public TestRedis NodeOf(string taskType) => Nodes[Array.IndexOf(Tasks, taskType)];

    /// <summary>Its replica.</summary>
    public TestRedis ReplicaOf(string taskType) => Nodes[Slots.Length + Array.IndexOf(Tasks, taskType)];

    /// <summary>For StackExchange.Redis: every node, with administrator's commands allowed.</summary>
    public string ConnectionString => $"{string.Join(',', Nodes.Select(node => $"127.0.0.1:{node.Port}"))},allowAdmin=true";

    /// <summary>Starts it and waits until it serves every slot.</summary>
    /// <param name="appendOnly">Whether a node's data outlives its <see cref="TestRedis.KillAsync"/>, but for at most the last second.</param>
    /// <param name="replicas">Whether each master has a replica.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="LocalServerException">Redis is not on this machine, or does not start.</exception>
    public static async Task<TestRedisCluster> StartAsync(bool appendOnly = false, bool replicas = false, CancellationToken cancellationToken = default)
    {
        var busPorts = Enumerable.Range(0, replicas ? 2 * Slots.Length : Slots.Length).Select(_ => FreePort.Next()).ToArray();
        var nodes = await Task.WhenAll(busPorts.Select(bus => TestRedis.StartAsync(RedisEngine.Redis, appendOnly,
        [
            "--cluster-enabled", "yes", "--cluster-port", Text(bus), "--cluster-node-timeout", Text(NodeTimeoutMs),

            // Beside its data: who a node is outlives the loss of what it holds.
            "--cluster-config-file", "../nodes.conf", "--repl-diskless-sync-delay", "0",
        ], cancellationToken)));
        var cluster = new TestRedisCluster(nodes);
        try
        {
            for (var i = 0; i < Slots.Length; i++)
            {
                await RedisLine.AskAsync(nodes[i].Port, $"CLUSTER ADDSLOTSRANGE {Slots[i]}", cancellationToken);
                await RedisLine.AskAsync(nodes[i].Port, $"CLUSTER SET-CONFIG-EPOCH {Text(i + 1)}", cancellationToken);
            }

            for (var i = 1; i < nodes.Length; i++)
            {
                await RedisLine.AskAsync(nodes[0].Port, $"CLUSTER MEET 127.0.0.1 {Text(nodes[i].Port)} {Text(busPorts[i])}", cancellationToken);
            }

            await cluster.WholeAsync(cancellationToken);
            for (var i = Slots.Length; i < nodes.Length; i++)
            {
                var master = await RedisLine.AskAsync(nodes[i - Slots.Length].Port, "CLUSTER MYID", cancellationToken);
                await RedisLine.AskAsync(nodes[i].Port, $"CLUSTER REPLICATE {master}", cancellationToken);
            }

            await Task.WhenAll(nodes.Skip(Slots.Length).Select(replica => UntilAsync(replica, "INFO replication", "master_link_status:up", cancellationToken)));
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until every node that runs says that all slots are served.</summary>
    public async Task WholeAsync(CancellationToken cancellationToken)
    {
        foreach (var node in Nodes.Where(node => node.IsRunning))
        {
            await UntilAsync(node, "CLUSTER INFO", "cluster_state:ok", cancellationToken);
            await UntilAsync(node, "CLUSTER INFO", $"cluster_size:{Text(Slots.Length)}", cancellationToken);
        }
    }

    /// <summary>Waits until the replica of a killed master has taken its place, in every node's eyes.</summary>
    public async Task FailedOverAsync(string taskType, CancellationToken cancellationToken)
    {
        await UntilAsync(ReplicaOf(taskType), "INFO replication", "role:master", cancellationToken);
        await WholeAsync(cancellationToken);
    }

    /// <summary>Kills the nodes and removes their data.</summary>
    public async ValueTask DisposeAsync() => await Task.WhenAll(Nodes.Select(node => node.DisposeAsync().AsTask()));

    private static async Task UntilAsync(TestRedis node, string command, string text, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Patience);
        while (!(await RedisLine.AskAsync(node.Port, command, patience.Token)).Contains(text, StringComparison.Ordinal))
        {
            await Task.Delay(50, patience.Token);
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
