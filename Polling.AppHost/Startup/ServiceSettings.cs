using System.Globalization;
using Polling.AppHost.Options;

namespace Polling.AppHost.Startup;

/// <summary>What the services are told.</summary>
internal static class ServiceSettings
{
    /// <summary>The TCP port that a published service listens on, inside its container: that of .NET's images.</summary>
    public const int PublishedPort = 8080;

    private const string Production = "Production";

    /// <summary>
    /// Sets the environment to run in, the folder of the log files, the layout of Redis' keys and whose certificate it has. What is published runs in production, as its target
    /// wants it.
    /// </summary>
    /// <param name="builder">The service.</param>
    /// <param name="options">Our options.</param>
    /// <param name="hasOwnRedis">Redis is a container of the composition, on a network that nobody else is on: without TLS.</param>
    public static IResourceBuilder<ProjectResource> WithSettings(this IResourceBuilder<ProjectResource> builder, AppHostOptions options, bool hasOwnRedis = false)
    {
        var isRun = builder.ApplicationBuilder.ExecutionContext.IsRunMode;
        var environment = isRun ? options.Environment : Production;

        // Azure's Redis is made as a cluster.
        var layout = options.RedisLayout.Length == 0 && !isRun && options is { Target: DeploymentTarget.Azure, RedisConnectionString: null } ? "Cluster" : options.RedisLayout;
        if (layout.Length > 0)
        {
            builder.WithEnvironment("Polling__Redis__Layout", layout);
        }

        if (options.RedisCertificateAuthority is { Length: > 0 } authority)
        {
            builder.WithEnvironment("Polling__Redis__CertificateAuthority", isRun ? Path.GetFullPath(authority) : authority);
        }

        if (hasOwnRedis && !isRun)
        {
            builder.WithEnvironment("Polling__AllowPlainTextRedis", "true");
        }

        // Not of just anybody: an address in a header would stand in the audit log, and choose whose limits hold.
        return builder
            .DisableForwardedHeaders()
            .WithEnvironment("DOTNET_ENVIRONMENT", environment)
            .WithEnvironment("ASPNETCORE_ENVIRONMENT", environment)
            .WithEnvironment("Polling__LogDirectory", isRun ? options.LogDirectory : ComposeSettings.LogDirectory)
            .PublishFor(options.Target);
    }

    /// <summary>Runs it several times.</summary>
    public static IResourceBuilder<ProjectResource> WithInstances(this IResourceBuilder<ProjectResource> builder, int instances) =>
        builder.WithReplicas(instances);

    /// <summary>In development: made-up cards, and the way to the mock gateway's control API.</summary>
    public static IResourceBuilder<ProjectResource> WithDemo(
        this IResourceBuilder<ProjectResource> builder, IResourceBuilder<ProjectResource>? gateway, AppHostOptions options) =>
        gateway is null ? builder : builder.WithEnvironment("Polling__DemoCards", options.DemoCards.ToString(CultureInfo.InvariantCulture)).WithReference(gateway);

    /// <summary>In development: the carriers are the mock gateway.</summary>
    public static IResourceBuilder<ProjectResource> WithGateway(
        this IResourceBuilder<ProjectResource> builder, IResourceBuilder<ProjectResource>? gateway) =>
        gateway is null ? builder : builder.WithReference(gateway).WaitFor(gateway);
}
