namespace Polling.AppHost.AspireFallback.Compose;

/// <summary>Publishing: the names and parameters are those of Aspire.Hosting.Docker.</summary>
public static class ComposeExtensions
{
    /// <summary>Says that what is published becomes a Compose file, as is the case.</summary>
    public static IResourceBuilder<DockerComposeEnvironmentResource> AddDockerComposeEnvironment(this IDistributedApplicationBuilder builder, string name) =>
        new ResourceBuilder<DockerComposeEnvironmentResource>(builder, new DockerComposeEnvironmentResource(name));

    /// <summary>Says whether a dashboard is published too; here there is none.</summary>
    public static IResourceBuilder<DockerComposeEnvironmentResource> WithDashboard(
        this IResourceBuilder<DockerComposeEnvironmentResource> builder, bool enabled = true) =>
        enabled ? throw new NotSupportedException("a dashboard is not published") : builder;

    /// <summary>Changes the service that a resource becomes.</summary>
    public static IResourceBuilder<T> PublishAsDockerComposeService<T>(
        this IResourceBuilder<T> builder, Action<DockerComposeServiceResource, Service> configure)
        where T : IResource
    {
        ((IPublishable)builder.Resource).Customizations.Add(configure);
        return builder;
    }
}
