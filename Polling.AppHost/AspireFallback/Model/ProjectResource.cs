using System.Globalization;
using Polling.AppHost.Processes;
using Polling.AppHost.Startup;

namespace Polling.AppHost.AspireFallback;

/// <summary>A service: a project of the solution, run from its build.</summary>
public sealed class ProjectResource(string name, IProjectMetadata project) : RunnableResource(name), IResourceWithServiceDiscovery, IPublishable
{
    private static readonly HttpClient Health = new() { Timeout = TimeSpan.FromSeconds(2) };

    private readonly Dictionary<int, int> _ports = [];

    List<Action<Service>> IPublishable.Customizations { get; } = [];

    /// <summary>The port asked for; <c>null</c>: a free one.</summary>
    internal int? FixedPort { get; set; }

    /// <summary>The port that it listens on where it is published.</summary>
    internal int? TargetPort { get; set; }

    /// <summary>The path that answers 200 when the service is ready; <c>null</c>: it is as soon as it runs.</summary>
    internal string? HealthPath { get; set; }

    /// <summary>What the environment's variables come from; a later one wins.</summary>
    internal List<Func<IDictionary<string, string?>, ValueTask>> Environment { get; } = [];

    /// <summary>The same in what is published.</summary>
    internal List<Action<IDictionary<string, string>, PublishedValues>> PublishedEnvironment { get; } = [];

    /// <summary>Whether it is for others than the system's own parts too.</summary>
    internal bool IsExternal { get; set; }

    /// <summary>The telemetry endpoint, when there is a dashboard.</summary>
    internal string? OtlpEndpoint { get; set; }

    // What waits for others is stopped before them.
    internal override int StopOrder => Waits.OfType<ProjectResource>().Any() ? 0 : Waits.Count > 0 ? 1 : 2;

    internal override bool IsEssential => false;

    internal override string Whereabouts => string.Join(", ", Enumerable.Range(0, Replicas).Select(Url));

    /// <summary>The address of one process.</summary>
    internal string Url(int replica)
    {
        lock (_ports)
        {
            if (!_ports.TryGetValue(replica, out var port))
            {
                _ports[replica] = port = FixedPort ?? Ports.Free();
            }

            return $"http://localhost:{port.ToString(CultureInfo.InvariantCulture)}";
        }
    }

    internal override async Task<SupervisedProcess> StartAsync(int replica, string outputFile, CancellationToken cancellationToken)
    {
        var environment = new Dictionary<string, string?> { ["ASPNETCORE_URLS"] = Url(replica) };
        AddTelemetry(environment);
        foreach (var add in Environment)
        {
            await add(environment);
        }

        return SupervisedProcess.Start(new ProcessSpec
        {
            Name = NameOf(replica),
            FileName = Words.DotNet,
            Arguments = ["exec", project.AssemblyPath],
            WorkingDirectory = Path.GetDirectoryName(project.ProjectPath),
            Environment = environment,
            OutputFile = outputFile,
            StopTimeout = TimeSpan.FromSeconds(StopOrder == 0 ? 3 : 1.5),
        });
    }

    ValueTask<Service> IPublishable.DescribeAsync(PublishedValues values)
    {
        var port = (TargetPort ?? ServiceSettings.PublishedPort).ToString(CultureInfo.InvariantCulture);
        var image = Path.GetFileNameWithoutExtension(project.ProjectPath).Replace('.', '-').ToLowerInvariant();
        var service = new Service { Name = Name, Image = values.Placeholder($"{Name}-image", $"{image}:latest", $"Container image of {Name}") };
        service.Environment["HTTP_PORTS"] = port;
        service.Environment["OTEL_SERVICE_NAME"] = Name;
        foreach (var add in PublishedEnvironment)
        {
            add(service.Environment, values);
        }

        (IsExternal ? service.Ports : service.Expose).Add(IsExternal ? $"{port}:{port}" : port);
        foreach (var other in Waits.Select(wait => wait is PostgresDatabaseResource database ? database.Parent : wait).OfType<IPublishable>())
        {
            service.DependsOn[other.Name] = new ServiceDependency { Condition = "service_started" };
        }

        return new(service);
    }

    internal override async Task<bool> IsHealthyAsync(int replica, CancellationToken cancellationToken)
    {
        if (HealthPath is null)
        {
            return true;
        }

        try
        {
            using var answer = await Health.GetAsync(new Uri(Url(replica) + HealthPath), cancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception error) when (error is HttpRequestException || (error is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return false;
        }
    }

    private void AddTelemetry(Dictionary<string, string?> environment)
    {
        if (OtlpEndpoint is null)
        {
            return;
        }

        environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = OtlpEndpoint;
        environment["OTEL_EXPORTER_OTLP_PROTOCOL"] = "grpc";
        environment["OTEL_SERVICE_NAME"] = Name;
        environment["OTEL_RESOURCE_ATTRIBUTES"] = $"service.instance.id={Guid.NewGuid().ToString("N")[..8]}";
        environment["OTEL_BSP_SCHEDULE_DELAY"] = "1000";
        environment["OTEL_BLRP_SCHEDULE_DELAY"] = "1000";
        environment["OTEL_METRIC_EXPORT_INTERVAL"] = "1000";
        environment["OTEL_TRACES_SAMPLER"] = "always_on";
        environment["OTEL_METRICS_EXEMPLAR_FILTER"] = "trace_based";
    }
}
