using Polling.AppHost.LocalServers;
using Polling.AppHost.Processes;

namespace Polling.AppHost.AspireFallback;

/// <summary>A PostgreSQL of this machine, with the user and password <c>polling</c>.</summary>
public sealed class PostgresServerResource(string name, int port, string dataDirectory) : RunnableResource(name)
{
    private string ClusterDirectory => LocalPostgres.ClusterDirectory(dataDirectory);

    /// <summary>The port on 127.0.0.1.</summary>
    internal int Port { get; } = port;

    internal override int StopOrder => 3;

    internal override bool IsEssential => true;

    internal override string Whereabouts => $"127.0.0.1:{Port}, user, password and database 'polling'";

    internal override Task<SupervisedProcess> StartAsync(int replica, string outputFile, CancellationToken cancellationToken) =>
        LocalPostgres.StartAsync(
            new LocalPostgresOptions { Port = Port, DataDirectory = ClusterDirectory, OutputFile = outputFile }, cancellationToken);

    internal override Task<bool> IsHealthyAsync(int replica, CancellationToken cancellationToken) =>
        Task.FromResult(PostmasterFile.IsReady(ClusterDirectory));
}

/// <summary>The database of a <see cref="PostgresServerResource"/>.</summary>
public sealed class PostgresDatabaseResource(string name, PostgresServerResource parent) : IResourceWithConnectionString
{
    /// <inheritdoc />
    public string Name { get; } = name;

    /// <summary>The server.</summary>
    public PostgresServerResource Parent { get; } = parent;

    /// <inheritdoc />
    public ValueTask<string?> GetConnectionStringAsync(CancellationToken cancellationToken = default) =>
        new(LocalPostgres.ConnectionString(Parent.Port));
}
