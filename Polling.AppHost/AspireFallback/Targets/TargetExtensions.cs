using Polling.AppHost.Options;
using Polling.AppHost.Startup;

namespace Polling.AppHost.AspireFallback.Targets;

/// <summary>What the composition becomes when it is published: a Compose file. The names are those of <c>AspirePackages/Targets</c>.</summary>
internal static class TargetExtensions
{
    /// <summary>Says what is published.</summary>
    /// <exception cref="StartException">It needs the genuine packages.</exception>
    public static void AddTarget(this IDistributedApplicationBuilder builder, DeploymentTarget target)
    {
        if (builder.ExecutionContext.IsPublishMode && target != DeploymentTarget.Compose)
        {
            throw new StartException(
                $"--Polling:Target={target.ToString().ToLowerInvariant()} needs the genuine Aspire packages, which this build's package feed lacks; without them there is compose");
        }
    }

    /// <summary>There is none: a container.</summary>
    public static IResourceBuilder<IResourceWithConnectionString>? AddCloudRedis(this IDistributedApplicationBuilder builder, string name, DeploymentTarget target) => null;

    /// <summary>There is none: a container.</summary>
    public static IResourceBuilder<IResourceWithConnectionString>? AddCloudDatabase(this IDistributedApplicationBuilder builder, string name, DeploymentTarget target) => null;

    /// <summary>How a service runs there.</summary>
    public static IResourceBuilder<ProjectResource> PublishFor(this IResourceBuilder<ProjectResource> builder, DeploymentTarget target) =>
        builder.Customized(ComposeSettings.Service).Customized(service => service.Deploy = new Deploy { Replicas = builder.Resource.Replicas });

    /// <summary>How Redis runs there.</summary>
    public static IResourceBuilder<RedisResource> PublishFor(this IResourceBuilder<RedisResource> builder, DeploymentTarget target) =>
        builder.Customized(ComposeSettings.Redis);

    /// <summary>How PostgreSQL runs there.</summary>
    public static IResourceBuilder<PostgresServerResource> PublishFor(this IResourceBuilder<PostgresServerResource> builder, DeploymentTarget target) =>
        builder.Customized(ComposeSettings.Postgres);

    private static IResourceBuilder<T> Customized<T>(this IResourceBuilder<T> builder, Action<Service> configure)
        where T : IResource
    {
        ((IPublishable)builder.Resource).Customizations.Add(configure);
        return builder;
    }
}
