using Polling.AppHost.Options;

namespace Polling.AppHost.Startup;

/// <summary>What every service is told.</summary>
internal static class ServiceSettings
{
    /// <summary>Sets the environment to run in and the folder of the log files.</summary>
    public static IResourceBuilder<ProjectResource> WithSettings(this IResourceBuilder<ProjectResource> builder, AppHostOptions options) =>
        builder
            .WithEnvironment("DOTNET_ENVIRONMENT", options.Environment)
            .WithEnvironment("ASPNETCORE_ENVIRONMENT", options.Environment)
            .WithEnvironment("Polling__LogDirectory", options.LogDirectory);
}
