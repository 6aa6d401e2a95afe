namespace Polling.AppHost.AspireFallback.Compose;

/// <summary>A service of a Compose file; what is empty is left out. The names are those of Aspire.Hosting.Docker.</summary>
public sealed class Service
{
    /// <summary>Its name, which is its host name for the others.</summary>
    public required string Name { get; init; }

    /// <summary>The image that it runs.</summary>
    public string? Image { get; set; }

    /// <summary>User, and perhaps group.</summary>
    public string? User { get; set; }

    /// <summary>The program, in the place of the image's.</summary>
    public List<string> Entrypoint { get; set; } = [];

    /// <summary>Its arguments, in the place of the image's.</summary>
    public List<string> Command { get; set; } = [];

    /// <summary>Variables of its environment; <c>$</c> begins a placeholder, <c>$$</c> is a dollar.</summary>
    public Dictionary<string, string> Environment { get; set; } = [];

    /// <summary>Ports of the host that lead to it.</summary>
    public List<string> Ports { get; set; } = [];

    /// <summary>Ports that the other services may use.</summary>
    public List<string> Expose { get; set; } = [];

    /// <summary>Where it keeps data.</summary>
    public List<Volume> Volumes { get; set; } = [];

    /// <summary>What must be there before it.</summary>
    public Dictionary<string, ServiceDependency> DependsOn { get; set; } = [];

    /// <summary>How it is known that it works.</summary>
    public Healthcheck? Healthcheck { get; set; }

    /// <summary>How many of it run.</summary>
    public Deploy? Deploy { get; set; }

    /// <summary>When it is started again.</summary>
    public string? Restart { get; set; }

    /// <summary>How long it may take to end before it is killed.</summary>
    public string? StopGracePeriod { get; set; }

    /// <summary>Whether its root file system is read-only.</summary>
    public bool? ReadOnly { get; set; }

    /// <summary>Folders in memory.</summary>
    public List<string> Tmpfs { get; set; } = [];

    /// <summary>Capabilities that it does not have.</summary>
    public List<string> CapDrop { get; set; } = [];

    /// <summary>Security options.</summary>
    public List<string> SecurityOpt { get; set; } = [];

    /// <summary>Size of <c>/dev/shm</c>.</summary>
    public string? ShmSize { get; set; }

    /// <summary>Adds a volume.</summary>
    public Service AddVolume(Volume volume)
    {
        Volumes.Add(volume);
        return this;
    }
}

/// <summary>When a service that another needs is good enough.</summary>
public sealed class ServiceDependency
{
    /// <summary><c>service_started</c> or <c>service_healthy</c>.</summary>
    public string? Condition { get; set; }
}

/// <summary>How it is known that a service works.</summary>
public sealed class Healthcheck
{
    /// <summary>The command, after <c>CMD</c> or <c>CMD-SHELL</c>.</summary>
    public List<string> Test { get; set; } = [];

    /// <summary>How often.</summary>
    public required string Interval { get; set; }

    /// <summary>How long it may take.</summary>
    public required string Timeout { get; set; }

    /// <summary>Failures in a row that mean that it does not work.</summary>
    public int? Retries { get; set; }

    /// <summary>How long failures do not count after the start.</summary>
    public required string StartPeriod { get; set; }
}

/// <summary>How a service is deployed.</summary>
public sealed class Deploy
{
    /// <summary>How many of it run.</summary>
    public int? Replicas { get; set; }
}

/// <summary>Where a service keeps data.</summary>
public sealed class Volume
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary><c>volume</c> (of the container runtime) or <c>bind</c> (a folder of the host).</summary>
    public string? Type { get; set; }

    /// <summary>The volume, or the folder.</summary>
    public string? Source { get; set; }

    /// <summary>The folder in the container.</summary>
    public string? Target { get; set; }
}
