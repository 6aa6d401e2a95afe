using System.Globalization;
using Polling.AppHost.Processes;
using Polling.TestServers;

namespace Polling.Faults.Tests.Harness;

/// <summary>One of the system's processes, on a port of its own. It dies with the test process.</summary>
internal sealed class ServiceProcess(string name, string program, string folder, IReadOnlyDictionary<string, string?> settings) : IAsyncDisposable
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);
    private readonly string _address = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{FreePort.Next()}");
    private SupervisedProcess? _process;

    public string Name { get; } = name;

    public Uri Address => new(_address);

    /// <summary>Process id of its present life, or of its last.</summary>
    public int Id => _process!.Id;

    public bool IsRunning => _process is { Exited.IsCompleted: false };

    private string OutputFile => Path.Combine(folder, Name + ".out");

    /// <summary>Starts it, again after it was killed, and waits until it says that it is healthy.</summary>
    public async Task StartAsync(HttpClient http, CancellationToken cancellation)
    {
        Begin();
        await HealthyAsync(http, cancellation);
    }

    public void Begin(params IReadOnlyList<string> arguments)
    {
        _process = SupervisedProcess.Start(new ProcessSpec
        {
            Name = Name,
            FileName = "dotnet",
            Arguments = ["exec", Path.Combine(AppContext.BaseDirectory, program + ".dll"), .. arguments],
            WorkingDirectory = folder,
            Environment = new Dictionary<string, string?>(settings)
            {
                ["ASPNETCORE_URLS"] = _address,
                ["Polling__LogDirectory"] = Path.Combine(folder, "logs"),
                // Processes that live for seconds need no profile of themselves.
                ["DOTNET_TieredPGO"] = "0",
            },
            OutputFile = OutputFile,
        });
    }

    public async Task HealthyAsync(HttpClient http, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(StartPatience);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (await timer.WaitForNextTickAsync(patience.Token))
        {
            if (!IsRunning)
            {
                throw new InvalidOperationException($"{Name} has ended: {await File.ReadAllTextAsync(OutputFile, cancellation)}");
            }

            if (await IsHealthyAsync(http, patience.Token))
            {
                return;
            }
        }
    }

    /// <summary>Whether it says so itself.</summary>
    public Task<bool> IsHealthyAsync(HttpClient http, CancellationToken cancellation) => AnswersAsync("/health", http, cancellation);

    /// <summary>Whether it answers a question well.</summary>
    public async Task<bool> AnswersAsync(string path, HttpClient http, CancellationToken cancellation)
    {
        try
        {
            using var response = await http.GetAsync(new Uri(Address, path), cancellation);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            // It does not listen yet, or no more.
            return false;
        }
    }

    /// <summary>Tells it to stop (SIGTERM) and waits until it has ended.</summary>
    /// <param name="grace">How long it may take.</param>
    /// <returns>Its exit code.</returns>
    public async Task<int> TerminateAsync(TimeSpan grace)
    {
        Send(Signals.Terminate);
        try
        {
            return await _process!.Exited.WaitAsync(grace, TestContext.Current.CancellationToken);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"{Name} has not ended {grace.TotalSeconds:F0} s after SIGTERM: {await OutputAsync()}");
        }
    }

    /// <summary>Runs it to its end; for one that cannot start, or a command.</summary>
    /// <returns>Its exit code and what it wrote in this life.</returns>
    public async Task<(int ExitCode, string Output)> RunAsync(TimeSpan patience, params IReadOnlyList<string> arguments)
    {
        var before = File.Exists(OutputFile) ? (await OutputAsync()).Length : 0;
        Begin(arguments);
        return (await _process!.Exited.WaitAsync(patience, TestContext.Current.CancellationToken), (await OutputAsync())[before..]);
    }

    public Task<string> OutputAsync() => File.ReadAllTextAsync(OutputFile, TestContext.Current.CancellationToken);

    public void Send(int signal) => Signals.Send(_process!.Id, signal);

    public Task KillAsync() => _process?.KillAsync() ?? Task.CompletedTask;

    public async ValueTask DisposeAsync() => await KillAsync();
}
