using System.Globalization;
using Polling.AppHost.Processes;
using Polling.ServiceDefaults.Telemetry;
using Polling.TestServers;

namespace Polling.Benchmarks.Processes;

/// <summary>The system's programs as processes on 127.0.0.1, with a folder of their own. Disposing kills them and removes the folder.</summary>
internal sealed class ServiceProcesses(TestRedis redis, TestPostgres postgres) : IAsyncDisposable
{
    public const string Executor = "Polling.Executor";
    public const string Gateway = "Polling.MockGateway";
    public const string Scheduler = "Polling.Scheduler";
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);
    private readonly string _folder = TestFolders.Create("benchmark");
    private readonly List<(string Name, SupervisedProcess Process)> _running = [];

    /// <summary>Those that were started and not killed.</summary>
    public IReadOnlyList<(string Name, SupervisedProcess Process)> Running => _running;

    /// <summary>Where the gateway listens.</summary>
    public Uri GatewayAddress { get; } = FreeAddress();

    /// <summary>An address of this machine on which nobody listens.</summary>
    public static Uri FreeAddress() => new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{FreePort.Next()}"));

    /// <summary>Starts a program.</summary>
    /// <param name="name">Name of the process.</param>
    /// <param name="program">Its assembly.</param>
    /// <param name="address">Where it listens.</param>
    /// <param name="settings">Environment variables besides those of all.</param>
    public void Start(string name, string program, Uri address, params IEnumerable<KeyValuePair<string, string?>> settings) =>
        _running.Add((name, SupervisedProcess.Start(new ProcessSpec
        {
            Name = name,
            FileName = "dotnet",
            Arguments = ["exec", Path.Combine(AppContext.BaseDirectory, program + ".dll")],
            WorkingDirectory = _folder,
            Environment = new Dictionary<string, string?>(settings)
            {
                // Elsewhere the password of this PostgreSQL is refused. Traces are as many as in production.
                ["ASPNETCORE_ENVIRONMENT"] = "Development",
                ["Polling__Telemetry__SamplingRatio"] = TelemetryOptions.ProductionRatio.ToString(CultureInfo.InvariantCulture),
                ["ASPNETCORE_URLS"] = address.ToString(),
                ["ConnectionStrings__redis"] = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{redis.Port}"),
                ["ConnectionStrings__polling"] = postgres.ConnectionString,
                ["services__mock-gateway__http__0"] = GatewayAddress.ToString(),
                ["Polling__LogDirectory"] = Path.Combine(_folder, "logs"),
            },
            OutputFile = Output(name),
        })));

    /// <summary>Kills a process, as <c>kill -9</c> does.</summary>
    public async Task KillAsync(int processId)
    {
        var at = _running.FindIndex(p => p.Process.Id == processId);
        await _running[at].Process.KillAsync();
        _running.RemoveAt(at);
    }

    /// <summary>Stops a process in good order: it ends what it has begun.</summary>
    public async Task StopAsync(int processId)
    {
        var at = _running.FindIndex(p => p.Process.Id == processId);
        await _running[at].Process.StopAsync();
        _running.RemoveAt(at);
    }

    /// <summary>Waits for a condition.</summary>
    /// <exception cref="InvalidOperationException">A process has ended by itself.</exception>
    /// <exception cref="TimeoutException">It did not come true in time.</exception>
    public async Task UntilAsync(string what, TimeSpan patience, Func<Task<bool>> condition, TimeSpan? every = null, CancellationToken cancellation = default)
    {
        using var timer = new PeriodicTimer(every ?? LookEvery);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        end.CancelAfter(patience);
        while (!await condition())
        {
            await CheckAsync();

            try
            {
                await timer.WaitForNextTickAsync(end.Token);
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                throw new TimeoutException($"After {patience.TotalSeconds:F0} s: still not {what}.");
            }
        }
    }

    /// <summary>Whether all run that were started.</summary>
    /// <exception cref="InvalidOperationException">A process has ended by itself.</exception>
    public async Task CheckAsync()
    {
        if (_running.FirstOrDefault(p => p.Process.Exited.IsCompleted).Name is { } gone)
        {
            throw new InvalidOperationException($"{gone} has ended: {(await File.ReadAllLinesAsync(Output(gone))).LastOrDefault()}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_running.Select(p => p.Process.KillAsync()));
        TestFolders.Remove(_folder);
    }

    private string Output(string name) => Path.Combine(_folder, name + ".out");
}
