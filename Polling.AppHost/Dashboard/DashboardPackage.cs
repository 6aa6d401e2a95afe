using Polling.AppHost.LocalServers;

namespace Polling.AppHost.Dashboard;

/// <summary>The Aspire dashboard as it comes without NuGet: in the Aspire CLI, an npm package.</summary>
internal static class DashboardPackage
{
    private const string Version = "13.5.4";

    /// <summary>The CLI's path, fetched (about 125 MB, once) where the cache lacks it.</summary>
    /// <exception cref="LocalServerException">It cannot be had.</exception>
    public static async Task<string> FetchAsync(CancellationToken cancellationToken)
    {
        var package = await PackageCache.FetchAsync($"@microsoft/aspire-cli-{PackageCache.Platform}", Version, cancellationToken);
        return Path.Combine(package, "bin", OperatingSystem.IsWindows() ? "aspire.exe" : "aspire");
    }
}
