using System.Globalization;
using Polling.AppHost.LocalServers;
using Polling.AppHost.Processes;

namespace Polling.TestServers;

/// <summary>A Redis with a replica, watched by three Sentinels that let the replica take over within seconds: all of a test's own, on 127.0.0.1.</summary>
public sealed class TestRedisSentinel : IAsyncDisposable
{
    private const string Service = "polling";
    private const int Sentinels = 3;
    private const int Quorum = 2;
    private const int DownAfterMs = 1000;
    private const int FailoverTimeoutMs = 5000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _folder = TestFolders.Create("sentinel");
    private readonly List<(int Port, SupervisedProcess Process)> _sentinels = [];

    private TestRedisSentinel(TestRedis master, TestRedis replica) => (Master, Replica) = (master, replica);

    /// <summary>The master at the beginning.</summary>
    public TestRedis Master { get; }

    /// <summary>Its replica.</summary>
    public TestRedis Replica { get; }

    /// <summary>For StackExchange.Redis: the Sentinels, which tell the master.</summary>
    public string ConnectionString => $"{string.Join(',', _sentinels.Select(sentinel => $"127.0.0.1:{sentinel.Port}"))},serviceName={Service}";

    /// <summary>Starts all of it and waits until every Sentinel knows the replica and the others. The data is in append-only files, synced each second.</summary>
    /// <exception cref="LocalServerException">Redis is not on this machine, or does not start.</exception>
    public static async Task<TestRedisSentinel> StartAsync(CancellationToken cancellationToken)
    {
        var master = await TestRedis.StartAsync(RedisEngine.Redis, appendOnly: true, ["--repl-diskless-sync-delay", "0"], cancellationToken);
        var replica = await TestRedis.StartAsync(
            RedisEngine.Redis, appendOnly: true, ["--replicaof", $"127.0.0.1 {Text(master.Port)}"], cancellationToken);
        var system = new TestRedisSentinel(master, replica);
        try
        {
            // A Sentinel that looks before there is a replica looks again only after 10 s.
            await UntilAsync(master.Port, "INFO replication", info => info.Contains("state=online", StringComparison.Ordinal), cancellationToken);
            for (var i = 0; i < Sentinels; i++)
            {
                await system.StartSentinelAsync(cancellationToken);
            }

            await system.SentinelsAsync(
                info => info.Contains($"slaves=1,sentinels={Text(Sentinels)}", StringComparison.Ordinal), cancellationToken);
            return system;
        }
        catch
        {
            await system.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Has the replica hear nothing more, and waits until the master has acknowledged so many bytes of writes more: when it is killed then, they are lost, as in
    /// any failover of Redis, only more of them. The Sentinels would mend it within 8 s.
    /// </summary>
    /// <returns>How many bytes of writes the master is ahead.</returns>
    public async Task<long> FallBehindAsync(long bytes, CancellationToken cancellationToken)
    {
        await RedisLine.AskAsync(Replica.Port, "REPLICAOF 127.0.0.1 1", cancellationToken);
        var held = OffsetOf(await RedisLine.AskAsync(Replica.Port, "INFO replication", cancellationToken));
        var ahead = 0L;
        await UntilAsync(Master.Port, "INFO replication", info => (ahead = OffsetOf(info) - held) >= bytes, cancellationToken);
        return ahead;
    }

    /// <summary>Waits until the replica is the master, and every Sentinel says so.</summary>
    public async Task FailedOverAsync(CancellationToken cancellationToken)
    {
        await UntilAsync(Replica.Port, "INFO replication", info => info.Contains("role:master", StringComparison.Ordinal), cancellationToken);
        await SentinelsAsync(info => info.Contains($"address=127.0.0.1:{Text(Replica.Port)}", StringComparison.Ordinal), cancellationToken);
    }

    /// <summary>Waits until the first master, which was started again, follows the new one.</summary>
    public Task RejoinedAsync(CancellationToken cancellationToken) => UntilAsync(
        Master.Port, "INFO replication",
        info => info.Contains("role:slave", StringComparison.Ordinal) && info.Contains("master_link_status:up", StringComparison.Ordinal), cancellationToken);

    /// <summary>Kills everything and removes the data.</summary>
    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_sentinels.Select(sentinel => sentinel.Process.KillAsync()));
        await Replica.DisposeAsync();
        await Master.DisposeAsync();
        TestFolders.Remove(_folder);
    }

    private async Task StartSentinelAsync(CancellationToken cancellation)
    {
        var port = FreePort.Next();
        var file = Path.Combine(_folder, $"{Text(port)}.conf");
        await File.WriteAllTextAsync(
            file,
            $"""
            port {Text(port)}
            bind 127.0.0.1
            dir "{_folder}"
            sentinel monitor {Service} 127.0.0.1 {Text(Master.Port)} {Text(Quorum)}
            sentinel down-after-milliseconds {Service} {Text(DownAfterMs)}
            sentinel failover-timeout {Service} {Text(FailoverTimeoutMs)}

            """,
            cancellation);
        var process = SupervisedProcess.Start(new ProcessSpec
        {
            Name = "sentinel",
            FileName = "redis-server",
            Arguments = [file, "--sentinel"],
            OutputFile = Path.Combine(_folder, $"{Text(port)}.log"),
        });
        _sentinels.Add((port, process));
        using var patience = Within(cancellation);
        while (!await LocalRedis.AnswersAsync(port, patience.Token))
        {
            await Task.Delay(20, patience.Token);
        }
    }

    private async Task SentinelsAsync(Func<string, bool> isSo, CancellationToken cancellation)
    {
        foreach (var (port, _) in _sentinels)
        {
            await UntilAsync(port, "INFO sentinel", isSo, cancellation);
        }
    }

    private static async Task UntilAsync(int port, string command, Func<string, bool> isSo, CancellationToken cancellation)
    {
        using var patience = Within(cancellation);
        while (!isSo(await RedisLine.AskAsync(port, command, patience.Token)))
        {
            await Task.Delay(50, patience.Token);
        }
    }

    private static long OffsetOf(string info) => long.Parse(
        info.Split('\n').Single(line => line.StartsWith("master_repl_offset:", StringComparison.Ordinal)).Split(':')[1], CultureInfo.InvariantCulture);

    private static CancellationTokenSource Within(CancellationToken cancellation)
    {
        var source = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        source.CancelAfter(Patience);
        return source;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
