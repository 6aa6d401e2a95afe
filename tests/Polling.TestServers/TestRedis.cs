using Polling.AppHost.LocalServers;
using Polling.AppHost.Processes;

namespace Polling.TestServers;

/// <summary>A Redis, Valkey or Garnet of a test's own, on a free port of 127.0.0.1. It dies with the test process.</summary>
public sealed class TestRedis : IAsyncDisposable
{
    private readonly LocalRedisOptions _options;
    private readonly string _folder;
    private SupervisedProcess _process;

    private TestRedis(LocalRedisOptions options, string folder, SupervisedProcess process)
    {
        _options = options;
        _folder = folder;
        _process = process;
    }

    /// <summary>The engine that runs.</summary>
    public RedisEngine Engine => _options.Engine;

    /// <summary>The port on 127.0.0.1; it stays the same across restarts.</summary>
    public int Port => _options.Port;

    /// <summary>The process id of the server itself.</summary>
    public int Pid => _process.Id;

    /// <summary>Whether it runs.</summary>
    public bool IsRunning => !_process.Exited.IsCompleted;

    /// <summary>For StackExchange.Redis: address, with administrator's commands (FLUSHALL, CONFIG) allowed.</summary>
    public string ConnectionString => $"127.0.0.1:{Port},allowAdmin=true";

    /// <summary>Starts a server and waits until it answers.</summary>
    /// <param name="engine">One of <see cref="RedisEngines.Found"/>.</param>
    /// <param name="appendOnly">Whether its data outlives <see cref="KillAsync"/>, but for at most the last second.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="LocalServerException">The engine is not on this machine, or does not start.</exception>
    public static Task<TestRedis> StartAsync(RedisEngine engine, bool appendOnly = false, CancellationToken cancellationToken = default) =>
        StartAsync(engine, appendOnly, [], cancellationToken);

    /// <summary>The same with more arguments, which Garnet takes none of.</summary>
    public static async Task<TestRedis> StartAsync(
        RedisEngine engine, bool appendOnly, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var folder = TestFolders.Create("redis");
        var options = new LocalRedisOptions
        {
            Engine = engine,
            Port = FreePort.Next(),
            DataDirectory = Path.Combine(folder, "data"),
            AppendOnly = appendOnly,
            OutputFile = Path.Combine(folder, "output.log"),
            MoreArguments = arguments,
        };
        return new TestRedis(options, folder, await LocalRedis.StartAsync(options, cancellationToken));
    }

    /// <summary>Kills the server at once, as <c>kill -9</c> does.</summary>
    public Task KillAsync() => _process.KillAsync();

    /// <summary>Starts the server again, on the same port; kills it first if it still runs.</summary>
    /// <param name="empty">Whether its data is thrown away.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task RestartAsync(bool empty, CancellationToken cancellationToken = default)
    {
        await KillAsync();
        if (empty)
        {
            TestFolders.Remove(_options.DataDirectory);
        }

        _process = await LocalRedis.StartAsync(_options, cancellationToken);
    }

    /// <summary>Kills the server and removes its data.</summary>
    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        TestFolders.Remove(_folder);
    }
}
