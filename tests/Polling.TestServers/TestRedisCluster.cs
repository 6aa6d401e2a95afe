using System.Globalization;
using Polling.AppHost.LocalServers;

namespace Polling.TestServers;

/// <summary>A Redis Cluster of a test's own: three masters on free ports of 127.0.0.1, each with one of the task types.</summary>
public sealed class TestRedisCluster : IAsyncDisposable
{
    private const int NodeTimeoutMs = 5000;

    // {carddata} is slot 6098, {realname} 11262, {package} 11519.
    private static readonly string[] Tasks = ["carddata", "realname", "package"];
    private static readonly string[] Slots = ["0 8191", "8192 11399", "11400 16383"];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private TestRedisCluster(IReadOnlyList<TestRedis> nodes) => Nodes = nodes;

    /// <summary>The masters: of carddata, of realname, of package.</summary>
    public IReadOnlyList<TestRedis> Nodes { get; }

    /// <summary>The master that has a task type's keys.</summary>
    public TestRedis NodeOf(string taskType) => Nodes[Array.IndexOf(Tasks, taskType)];

    /// <summary>For StackExchange.Redis: every node, with administrator's commands allowed.</summary>
    public string ConnectionString => $"{string.Join(',', Nodes.Select(node => $"127.0.0.1:{node.Port}"))},allowAdmin=true";

    /// <summary>Starts it and waits until it serves every slot.</summary>
    /// <param name="appendOnly">Whether a node's data outlives its <see cref="TestRedis.KillAsync"/>, but for at most the last second.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="LocalServerException">Redis is not on this machine, or does not start.</exception>
    public static async Task<TestRedisCluster> StartAsync(bool appendOnly = false, CancellationToken cancellationToken = default)
    {
        var busPorts = Array.ConvertAll(Slots, _ => FreePort.Next());
        var nodes = await Task.WhenAll(busPorts.Select(bus => TestRedis.StartAsync(RedisEngine.Redis, appendOnly,
        [
            "--cluster-enabled", "yes", "--cluster-port", Text(bus), "--cluster-node-timeout", Text(NodeTimeoutMs),

            // Beside its data: who a node is outlives the loss of what it holds.
            "--cluster-config-file", "../nodes.conf",
        ], cancellationToken)));
        var cluster = new TestRedisCluster(nodes);
        try
        {
            for (var i = 0; i < nodes.Length; i++)
            {
                await RedisLine.AskAsync(nodes[i].Port, $"CLUSTER ADDSLOTSRANGE {Slots[i]}", cancellationToken);
                await RedisLine.AskAsync(nodes[i].Port, $"CLUSTER SET-CONFIG-EPOCH {Text(i + 1)}", cancellationToken);
            }

            for (var i = 1; i < nodes.Length; i++)
            {
                await RedisLine.AskAsync(nodes[0].Port, $"CLUSTER MEET 127.0.0.1 {Text(nodes[i].Port)} {Text(busPorts[i])}", cancellationToken);
            }

            await cluster.WholeAsync(cancellationToken);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until every node says that all slots are served.</summary>
    public async Task WholeAsync(CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        foreach (var node in Nodes)
        {
            while (!IsWhole(await RedisLine.AskAsync(node.Port, "CLUSTER INFO", patience.Token)))
            {
                await Task.Delay(50, patience.Token);
            }
        }
    }

    /// <summary>Kills the nodes and removes their data.</summary>
    public async ValueTask DisposeAsync() => await Task.WhenAll(Nodes.Select(node => node.DisposeAsync().AsTask()));

    private static bool IsWhole(string info) =>
        info.Contains("cluster_state:ok", StringComparison.Ordinal) && info.Contains($"cluster_size:{Text(Slots.Length)}", StringComparison.Ordinal);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
