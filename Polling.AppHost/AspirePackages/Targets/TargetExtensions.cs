using Polling.AppHost.Options;
using Polling.AppHost.Startup;

namespace Polling.AppHost.AspirePackages.Targets;

/// <summary>What the composition becomes when it is published. There is one target at a time: a resource of two would have to say which it is for.</summary>
internal static class TargetExtensions
{
    private const string Release = "polling";
    private const string Live = "/alive";

    // What Redis and PostgreSQL of the chart claim each; ten million cards need 10 GB in PostgreSQL and twice 3.5 GB for Redis' append-only file.
    private const string StorageSize = "50Gi";

    /// <summary>Says what is published.</summary>
    public static void AddTarget(this IDistributedApplicationBuilder builder, DeploymentTarget target)
    {
        // Without Aspire's CLI nobody can be asked for a password: a chart has it blank then, instead of waiting for an answer for ever.
        if (builder.ExecutionContext.IsPublishMode && builder.Configuration["ASPIRE_BACKCHANNEL_PATH"] is null)
        {
            builder.Configuration["ASPIRE_INTERACTIVITY_ENABLED"] ??= "false";
        }

        switch (target)
        {
            case DeploymentTarget.Kubernetes:
                builder.AddKubernetesEnvironment("kubernetes")
                    .WithDashboard(false)
                    .WithProperties(environment => (environment.DefaultStorageType, environment.DefaultStorageSize) = ("pvc", StorageSize))
                    .WithHelm(chart => chart.WithChartName(Release).WithReleaseName(Release).WithNamespace(Release));
                break;
            case DeploymentTarget.Azure:
                builder.AddAzureContainerAppEnvironment(Release);
                break;
            default:
                builder.AddDockerComposeEnvironment("compose").WithDashboard(false);
                break;
        }
    }

    /// <summary>Azure's own Redis, where that is the target; <c>null</c>: a container.</summary>
    public static IResourceBuilder<IResourceWithConnectionString>? AddCloudRedis(this IDistributedApplicationBuilder builder, string name, DeploymentTarget target) =>
        builder.IsFor(target, DeploymentTarget.Azure) ? builder.AddAzureManagedRedis(name).WithAccessKeyAuthentication().ConfigureInfrastructure(AzureSettings.Redis) : null;

    /// <summary>Azure's own PostgreSQL, where that is the target; <c>null</c>: a container.</summary>
    public static IResourceBuilder<IResourceWithConnectionString>? AddCloudDatabase(this IDistributedApplicationBuilder builder, string name, DeploymentTarget target) =>
        builder.IsFor(target, DeploymentTarget.Azure)
            ? builder.AddAzurePostgresFlexibleServer("postgres").WithPasswordAuthentication().ConfigureInfrastructure(AzureSettings.Postgres).AddDatabase(name)
            : null;

    /// <summary>How a service runs there.</summary>
    public static IResourceBuilder<ProjectResource> PublishFor(this IResourceBuilder<ProjectResource> builder, DeploymentTarget target) => target switch
    {
        DeploymentTarget.Kubernetes => builder.WithProbes().PublishAsKubernetesService(KubernetesSettings.Service),
        DeploymentTarget.Azure => builder.WithProbes().PublishAsAzureContainerApp((_, app) => AzureSettings.Service(app)),
        _ => builder.PublishAsDockerComposeService((_, service) =>
        {
            ComposeSettings.Service(service);
            service.Deploy = new Deploy { Replicas = builder.Resource.GetReplicaCount() };
        }),
    };

    /// <summary>How Redis runs there.</summary>
    public static IResourceBuilder<RedisResource> PublishFor(this IResourceBuilder<RedisResource> builder, DeploymentTarget target) => target switch
    {
        DeploymentTarget.Kubernetes => builder.PublishAsKubernetesService(KubernetesSettings.Redis),
        DeploymentTarget.Compose => builder.PublishAsDockerComposeService((_, service) => ComposeSettings.Redis(service)),
        _ => builder,
    };

    /// <summary>How PostgreSQL runs there.</summary>
    public static IResourceBuilder<PostgresServerResource> PublishFor(this IResourceBuilder<PostgresServerResource> builder, DeploymentTarget target) => target switch
    {
        DeploymentTarget.Kubernetes => builder.WithEnvironment("POSTGRES_DB", "polling")
            .PublishAsKubernetesService(KubernetesSettings.Postgres),
        DeploymentTarget.Compose => builder.PublishAsDockerComposeService((_, service) => ComposeSettings.Postgres(service)),
        _ => builder,
    };

    private static bool IsFor(this IDistributedApplicationBuilder builder, DeploymentTarget target, DeploymentTarget wanted) =>
        builder.ExecutionContext.IsPublishMode && target == wanted;

    // The container runtime asks; when a service runs on this machine, Aspire asks /health as it is.
    private static IResourceBuilder<ProjectResource> WithProbes(this IResourceBuilder<ProjectResource> builder) =>
        builder.ApplicationBuilder.ExecutionContext.IsRunMode ? builder : builder
            .WithProbe(ProbeType.Startup, Live, period: 5, timeout: 1, failures: 60)
            .WithProbe(ProbeType.Readiness, "/health", period: 10, timeout: 5, failures: 3)
            .WithProbe(ProbeType.Liveness, Live, period: 10, timeout: 5, failures: 6);

    // WithHttpProbe also adds a health check for the path, and a path may have one only: /health has it, and /alive is asked twice.
    private static IResourceBuilder<ProjectResource> WithProbe(
        this IResourceBuilder<ProjectResource> builder, ProbeType type, string path, int period, int timeout, int failures) => builder.WithAnnotation(
        new EndpointProbeAnnotation
        {
            Type = type,
            EndpointReference = builder.GetEndpoint("http"),
            Path = path,
            PeriodSeconds = period,
            TimeoutSeconds = timeout,
            FailureThreshold = failures,
            SuccessThreshold = 1,
        });
}
