namespace Polling.AppHost.AspireFallback;

/// <summary>Tells when resources are healthy.</summary>
public sealed class ResourceNotificationService
{
    private readonly DistributedApplication _application;
    private readonly Orchestrator _orchestrator;

    internal ResourceNotificationService(DistributedApplication application, Orchestrator orchestrator)
    {
        _application = application;
        _orchestrator = orchestrator;
    }

    /// <summary>Waits until a resource, all its processes, is or was ready.</summary>
    public Task WaitForResourceHealthyAsync(string resourceName, CancellationToken cancellationToken = default) =>
        _orchestrator.HealthyAsync(_application.Resource<IResource>(resourceName)).WaitAsync(cancellationToken);
}
