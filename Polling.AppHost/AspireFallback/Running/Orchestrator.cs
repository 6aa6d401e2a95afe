namespace Polling.AppHost.AspireFallback;

/// <summary>Starts the processes of all resources, each as soon as what it waits for is healthy, and stops them in order.</summary>
internal sealed class Orchestrator
{
    private readonly CancellationTokenSource _stop = new();
    private readonly List<ResourceRun> _runs = [];
    private readonly List<Task> _loops = [];
    private readonly string _outputFolder;

    public Orchestrator(IReadOnlyList<IResource> resources, string outputFolder, IReport report)
    {
        _outputFolder = outputFolder;
        foreach (var resource in resources.OfType<RunnableResource>())
        {
            for (var replica = 0; replica < resource.Replicas; replica++)
            {
                _runs.Add(new ResourceRun(resource, replica, outputFolder, report));
            }
        }
    }

    /// <summary>Ends when every process but the dashboard has been ready once.</summary>
    /// <exception cref="LocalServers.LocalServerException">Redis or PostgreSQL cannot be started.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(_outputFolder);
        foreach (var run in _runs)
        {
            _loops.Add(run.RunAsync(Task.WhenAll(run.Resource.Waits.Select(HealthyAsync)), _stop.Token));
        }

        var all = Task.WhenAll(_runs.Where(run => run.Resource is not DashboardResource).Select(run => run.Healthy));
        await await Task.WhenAny([all, .. _runs.Select(run => run.Failed)]).WaitAsync(cancellationToken);
    }

    /// <summary>Ends when the resource, all its processes, was ready once.</summary>
    public Task HealthyAsync(IResource resource) => resource switch
    {
        PostgresDatabaseResource database => HealthyAsync(database.Parent),
        RunnableResource => Task.WhenAll(_runs.Where(run => run.Resource == resource).Select(run => run.Healthy)),
        _ => Task.CompletedTask,
    };

    /// <summary>Stops everything: those first that need others.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_loops).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        foreach (var wave in _runs.GroupBy(run => run.Resource.StopOrder).OrderBy(wave => wave.Key))
        {
            await Task.WhenAll(wave.Select(run => run.StopAsync()));
        }
    }
}
