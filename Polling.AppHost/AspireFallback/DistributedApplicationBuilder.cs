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

/// <summary>Whether the system is run or published; the fallback can only run it.</summary>
public sealed class DistributedApplicationExecutionContext
{
    /// <summary>Always <c>true</c>.</summary>
    public bool IsRunMode { get; } = true;
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
        if (args.Any(arg => arg.TrimStart('-').Split('=')[0] is "publisher" or "operation"))
        {
            throw new StartException("publishing needs the genuine Aspire packages, which this build's package feed lacks: build with a feed that has them");
        }

        Options = AppHostOptions.Read(args);
        if (Options.DashboardPort > 0 && _testing is null)
        {
            var otlp = Ports.FreeNear(Options.DashboardPort + 1);
            Dashboard = new DashboardResource(Options.DashboardPort, otlp, Ports.Free());
        }
    }

    public AppHostOptions Options { get; }

    public DashboardResource? Dashboard { get; }

    public List<IResource> Resources { get; } = [];

    public DistributedApplicationExecutionContext ExecutionContext { get; } = new();

    public DistributedApplication Build()
    {
        var application = new DistributedApplication(
            [.. Resources, .. (DashboardResource[])(Dashboard is null ? [] : [Dashboard])], Options, _testing);
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
