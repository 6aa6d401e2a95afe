using Polling.AppHost.Options;
using Polling.AppHost.Startup;

namespace Polling.AppHost.AspireFallback;

/// <summary>What the system is composed with.</summary>
public interface IDistributedApplicationBuilder
{
    /// <summary>Where it runs.</summary>
    DistributedApplicationExecutionContext ExecutionContext { get; }

    /// <summary>Ends the composition.</summary>
    DistributedApplication Build();
}

/// <summary>Whether the system is run or published.</summary>
public sealed class DistributedApplicationExecutionContext
{
    internal DistributedApplicationExecutionContext(bool isPublishMode) => IsPublishMode = isPublishMode;

    /// <summary>It is run on this machine.</summary>
    public bool IsRunMode => !IsPublishMode;

    /// <summary>It is written as a Compose file.</summary>
    public bool IsPublishMode { get; }
}

/// <summary>One resource in the making.</summary>
public interface IResourceBuilder<out T>
    where T : IResource
{
    /// <summary>What the resource is a part of.</summary>
    IDistributedApplicationBuilder ApplicationBuilder { get; }

    /// <summary>The resource.</summary>
    T Resource { get; }
}

internal sealed record ResourceBuilder<T>(IDistributedApplicationBuilder ApplicationBuilder, T Resource) : IResourceBuilder<T>
    where T : IResource;

internal sealed class DistributedApplicationBuilder : IDistributedApplicationBuilder
{
    private readonly TestingHook? _testing = TestingHook.Current;

    public DistributedApplicationBuilder(string[] args)
    {
        PublishFolder = PublishArguments.Folder(args);
        ExecutionContext = new DistributedApplicationExecutionContext(PublishFolder is not null);
        Options = AppHostOptions.Read(args);
        if (Options.DashboardPort > 0 && _testing is null && PublishFolder is null)
        {
            var otlp = Ports.FreeNear(Options.DashboardPort + 1);
            Dashboard = new DashboardResource(Options.DashboardPort, otlp, Ports.Free());
        }
    }

    public AppHostOptions Options { get; }

    /// <summary>Where it is published to; <c>null</c>: it is run.</summary>
    public string? PublishFolder { get; }

    public DashboardResource? Dashboard { get; }

    public List<IResource> Resources { get; } = [];

    public DistributedApplicationExecutionContext ExecutionContext { get; }

    public DistributedApplication Build()
    {
        var application = new DistributedApplication(
            [.. Resources, .. (DashboardResource[])(Dashboard is null ? [] : [Dashboard])], Options, _testing, PublishFolder);
        _testing?.Built(application);
        return application;
    }

    public IResourceBuilder<T> Add<T>(T resource)
        where T : IResource
    {
        Resources.Add(resource);
        return new ResourceBuilder<T>(this, resource);
    }
}
