namespace Polling.AppHost.AspireFallback.Dashboard;

/// <summary>The dashboard beside the fallback shows telemetry and no resources, so it has no commands. The names are those of <c>AspirePackages/Dashboard</c>.</summary>
internal static class CommandExtensions
{
    /// <summary>What an operator does most, by the admin API.</summary>
    public static IResourceBuilder<ProjectResource> WithOperatorCommands(this IResourceBuilder<ProjectResource> builder) => builder;

    /// <summary>Breaks the mock gateway, and mends it.</summary>
    public static IResourceBuilder<ProjectResource> WithFaultCommands(this IResourceBuilder<ProjectResource> builder) => builder;
}
