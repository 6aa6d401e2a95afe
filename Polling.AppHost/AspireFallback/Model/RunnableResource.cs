using Polling.AppHost.Processes;

namespace Polling.AppHost.AspireFallback;

/// <summary>A resource that runs as one or more processes on this machine.</summary>
public abstract class RunnableResource(string name) : IResource
{
    /// <inheritdoc />
    public string Name { get; } = name;

    /// <summary>The resources that must be healthy before this one starts.</summary>
    internal List<IResource> Waits { get; } = [];

    /// <summary>How many processes run.</summary>
    internal int Replicas { get; set; } = 1;

    /// <summary>When it is stopped: the lower ones first, all of one number at once.</summary>
    internal abstract int StopOrder { get; }

    /// <summary>Whether the system gives up when it cannot be started the first time.</summary>
    internal abstract bool IsEssential { get; }

    /// <summary>Where an engineer finds it, for the list of what is up.</summary>
    internal abstract string Whereabouts { get; }

    /// <summary>The name of one process, counted from 0: in messages, and for the file with its output.</summary>
    internal string NameOf(int replica) => Replicas == 1 ? Name : $"{Name}-{replica + 1}";

    /// <summary>Starts one process.</summary>
    /// <exception cref="LocalServers.LocalServerException">It cannot be had or does not start.</exception>
    internal abstract Task<SupervisedProcess> StartAsync(int replica, string outputFile, CancellationToken cancellationToken);

    /// <summary>Whether the process, once started, is ready for others.</summary>
    internal abstract Task<bool> IsHealthyAsync(int replica, CancellationToken cancellationToken);
}
