using Polling.AppHost.Options;
using Polling.AppHost.Processes;

namespace Polling.AppHost.AspireFallback;

/// <summary>The system, composed.</summary>
public sealed class DistributedApplication : IAsyncDisposable
{
    private readonly IReadOnlyList<IResource> _resources;
    private readonly AppHostOptions _options;
    private readonly TestingHook? _testing;
    private readonly ConsoleReport _report = new();
    private readonly Orchestrator _orchestrator;
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string? _publishFolder;
    private int _stops;

    internal DistributedApplication(IReadOnlyList<IResource> resources, AppHostOptions options, TestingHook? testing, string? publishFolder)
    {
        _publishFolder = publishFolder;
        _resources = resources;
        _options = options;
        _testing = testing;
        _orchestrator = new Orchestrator(resources, Path.Combine(options.LogDirectory, "console"), testing is null ? _report : new SilentReport());
        ResourceNotifications = new ResourceNotificationService(this, _orchestrator);
    }

    /// <summary>Tells when resources are healthy.</summary>
    public ResourceNotificationService ResourceNotifications { get; }

    /// <summary>Begins a composition.</summary>
    /// <exception cref="Startup.StartException">The arguments ask for something that cannot be.</exception>
    public static IDistributedApplicationBuilder CreateBuilder(string[] args) => new DistributedApplicationBuilder(args);

    /// <summary>Runs until a signal asks to stop, or publishes. Under test: until the test is done with it.</summary>
    public async Task RunAsync(CancellationToken cancellationToken = default)
    {
        if (_publishFolder is not null)
        {
            await new ComposePublisher(_publishFolder).PublishAsync(_resources, cancellationToken);
            return;
        }

        if (_testing is not null)
        {
            await _stopped.Task;
            return;
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var signals = new StopSignals(stop);
        using var parent = ParentWatch.Start(stop);
        try
        {
            _report.Begin(_options);
            await StartAsync(stop.Token);
            _report.Complete(_options, _resources.OfType<RunnableResource>());
            await Task.Delay(Timeout.Infinite, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            _report.Stopping();
            await StopAsync(CancellationToken.None);
            _report.Stopped();
        }
        finally
        {
            await DisposeAsync();
        }
    }

    /// <summary>Starts everything, and waits until it is up.</summary>
    /// <exception cref="LocalServers.LocalServerException">Redis or PostgreSQL cannot be started.</exception>
    public Task StartAsync(CancellationToken cancellationToken = default) => _orchestrator.StartAsync(cancellationToken);

    /// <summary>Stops everything, in order.</summary>
    public async Task StopAsync(CancellationToken cancellationToken = default)
    {
        if (Interlocked.Increment(ref _stops) == 1)
        {
            await _orchestrator.StopAsync();
            WatchdogClient.Current.Dismiss();
            _stopped.TrySetResult();
        }

        await _stopped.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Stops everything.</summary>
    public async ValueTask DisposeAsync() => await StopAsync();

    /// <summary>Looks a resource up.</summary>
    /// <exception cref="ArgumentException">There is none of that name and kind.</exception>
    internal T Resource<T>(string name)
        where T : IResource =>
        _resources.OfType<T>().FirstOrDefault(resource => resource.Name == name)
        ?? throw new ArgumentException($"there is no {typeof(T).Name} '{name}'", nameof(name));
}
