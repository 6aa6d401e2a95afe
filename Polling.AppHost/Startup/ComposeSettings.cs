using System.Text.RegularExpressions;

namespace Polling.AppHost.Startup;

/// <summary>
/// How the services of the Compose file run: as a user without rights, on a read-only root file system, watched, with time to end. The same for
/// Aspire's publisher and for the fallback's.
/// </summary>
internal static partial class ComposeSettings
{
    /// <summary>The folder of the log files in a container: <c>logs</c> beside the Compose file.</summary>
    public const string LogDirectory = "/logs";

    // "app" of .NET's container images.
    private const string ServiceUser = "1654:1654";

    /// <summary>The admin API, a scheduler or an executor.</summary>
    public static void Service(Service service)
    {
        Harden(service, ServiceUser, Grace.Service);
        service.Image = service.Image is { } image ? Placeholder.Replace(image, $"${{$1:-polling-{service.Name.Replace("-", "", StringComparison.Ordinal)}:latest}}") : null;
        service.AddVolume(new Volume { Name = "logs", Type = "bind", Source = "./logs", Target = LogDirectory });

        // The image has no shell and no curl: the program asks itself.
        service.Healthcheck = Check(["CMD", "dotnet", $"/app/{Assembly(service.Name)}.dll", "health-check"], interval: "15s", startPeriod: "120s");

        foreach (var dependency in service.DependsOn.Values)
        {
            dependency.Condition = "service_healthy";
        }
    }

    /// <summary>Redis: every write goes to the append-only file, and nothing is ever evicted.</summary>
    public static void Redis(Service service)
    {
        Harden(service, "redis", Grace.Server);
        service.Entrypoint = ["/bin/sh"];

        // By the shell, so that the password is not among the arguments that the container runtime shows.
        service.Command =
        [
            "-c",
            "umask 077; printf 'requirepass \"%s\"\\n' \"$$REDIS_PASSWORD\" > /tmp/redis.conf; "
            + "exec redis-server /tmp/redis.conf --dir /data --save '' --appendonly yes --appendfsync everysec --maxmemory-policy noeviction",
        ];
        service.Healthcheck = Check(["CMD-SHELL", "REDISCLI_AUTH=\"$$REDIS_PASSWORD\" redis-cli ping | grep -q PONG"], interval: "5s", startPeriod: "300s");
    }

    /// <summary>PostgreSQL, with the database <c>polling</c>.</summary>
    public static void Postgres(Service service)
    {
        Harden(service, "postgres", Grace.Server);
        service.Environment["POSTGRES_DB"] = "polling";
        service.Tmpfs.Add("/run/postgresql");
        service.ShmSize = "256mb";

        // By TCP: while it makes a new database it listens on its socket only.
        service.Healthcheck = Check(["CMD-SHELL", "pg_isready -q -h 127.0.0.1 -U \"$$POSTGRES_USER\" -d polling"], interval: "5s", startPeriod: "300s");
    }

    // Aspire's publisher leaves .env blank, and blank would be no password: Compose asks for it. The fallback's placeholders do so already.
    [GeneratedRegex(@"(?<!\$)\$\{(\w+)\}")]
    private static partial Regex Placeholder { get; }

    private static void Harden(Service service, string user, TimeSpan grace)
    {
        foreach (var (name, value) in service.Environment.ToArray())
        {
            service.Environment[name] = Placeholder.Replace(
                value, match => match.Groups[1].Value is var key && key == "POSTGRES_USER" ? "${POSTGRES_USER:-polling}" : $"${{{key}:?enter {key} in .env}}");
        }

        service.User = user;
        service.ReadOnly = true;
        service.Tmpfs.Add("/tmp");
        service.CapDrop.Add("ALL");
        service.SecurityOpt.Add("no-new-privileges:true");
        service.Restart = "unless-stopped";
        service.StopGracePeriod = $"{grace.TotalSeconds:F0}s";
    }

    private static Healthcheck Check(List<string> test, string interval, string startPeriod) =>
        new() { Test = test, Interval = interval, Timeout = "5s", Retries = 4, StartPeriod = startPeriod };

    // admin-api is Polling.AdminApi.
    private static string Assembly(string service) =>
        $"Polling.{string.Concat(service.Split('-').Select(word => char.ToUpperInvariant(word[0]) + word[1..]))}";
}
