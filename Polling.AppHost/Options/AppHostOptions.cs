using Microsoft.Extensions.Configuration;
using Polling.AppHost.Processes;

namespace Polling.AppHost.Options;

/// <summary>
/// What can be chosen at the start, by standard .NET configuration: <c>--Polling:ApiPort=3100</c> or
/// <c>Polling__ApiPort=3100</c> in the environment.
/// </summary>
public sealed record AppHostOptions
{
    /// <summary>What it is published for: <c>compose</c>, <c>kubernetes</c> or <c>azure</c>. Default: Azure for a manifest, which azd asks for, else Compose.</summary>
    public DeploymentTarget Target { get; private init; }

    /// <summary>How many made-up cards an empty database gets in development; 0: none. 0–10,000,000.</summary>
    public int DemoCards { get; private init; }

    /// <summary>How many executors run. 1–64.</summary>
    public int Executors { get; private init; }

    /// <summary>How many schedulers run. 1–16.</summary>
    public int Schedulers { get; private init; }

    /// <summary>The TCP port of the admin API; 0: any free one, as for the other ports.</summary>
    public int ApiPort { get; private init; }

    /// <summary>The TCP port of the Redis that is started.</summary>
    public int RedisPort { get; private init; }

    /// <summary>The TCP port of the PostgreSQL that is started.</summary>
    public int PostgresPort { get; private init; }

    /// <summary>The TCP port of the Aspire dashboard; 0: no dashboard.</summary>
    public int DashboardPort { get; private init; }

    /// <summary>The absolute path of the folder that the data of Redis and PostgreSQL outlives a run in.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>The absolute path of the folder of the log files.</summary>
    public required string LogDirectory { get; init; }

    /// <summary>The environment that the services run in: ours where it is named, else <c>Development</c>.</summary>
    public required string Environment { get; init; }

    /// <summary>The address of a Redis of the operator's own; <c>null</c>: one is started.</summary>
    public string? RedisConnectionString { get; private init; }

    /// <summary>How key names are laid out in a Redis of the operator's own: <c>Single</c>, or <c>Cluster</c> for a Redis Cluster; empty: the services' default, <c>Single</c>.</summary>
    public string RedisLayout { get; private init; } = "";

    /// <summary>The path of the PEM file of the authority that a Redis of the operator's own has its certificate from, where the services run; empty: one that they trust anyway.</summary>
    public string RedisCertificateAuthority { get; private init; } = "";

    /// <summary>The address of a PostgreSQL database of the operator's own; <c>null</c>: one is started.</summary>
    public string? DatabaseConnectionString { get; private init; }

    /// <summary>Reads and checks the options.</summary>
    /// <exception cref="Startup.StartException">A key below <c>Polling:</c> is unknown or has a value that it can't have.</exception>
    public static AppHostOptions Read(string[] args)
    {
        var configuration = new ConfigurationBuilder().AddEnvironmentVariables().AddCommandLine(args).Build();
        var values = new OptionValues(configuration.GetSection("Polling"));
        var options = new AppHostOptions
        {
            Target = values.Choice("Target", configuration["publisher"] == "manifest" ? DeploymentTarget.Azure : DeploymentTarget.Compose),
            DemoCards = values.Number("DemoCards", 1000, 0, 10_000_000),
            Executors = values.Number("Executors", 2, 1, 64),
            Schedulers = values.Number("Schedulers", 1, 1, 16),
            ApiPort = Port(values, "ApiPort", 3000),
            RedisPort = Port(values, "RedisPort", 6379),
            PostgresPort = Port(values, "PostgresPort", 5432),
            DashboardPort = values.Number("DashboardPort", 18888, 0, ushort.MaxValue),
            DataDirectory = Path.GetFullPath(values.Text("DataDirectory", DefaultDataDirectory)),
            LogDirectory = Path.GetFullPath(values.Text("LogDirectory", "logs")),
            Environment = configuration["DOTNET_ENVIRONMENT"] ?? configuration["ASPNETCORE_ENVIRONMENT"] ?? "Development",
            RedisLayout = values.Text("Redis:Layout", ""),
            RedisCertificateAuthority = values.Text("Redis:CertificateAuthority", ""),
            RedisConnectionString = configuration.GetConnectionString("redis"),
            DatabaseConnectionString = configuration.GetConnectionString("polling"),
        };
        values.RefuseUnknown();
        return options;
    }

    private static string DefaultDataDirectory => Posix.IsRoot
        ? "/var/lib/polling"
        : Path.Combine(System.Environment.GetFolderPath(System.Environment.SpecialFolder.LocalApplicationData), "polling");

    private static int Port(OptionValues values, string key, int standard) =>
        values.Number(key, standard, 0, ushort.MaxValue) is > 0 and var port ? port : Startup.Ports.Free();
}
