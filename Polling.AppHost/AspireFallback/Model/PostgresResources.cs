using Polling.AppHost.LocalServers;
using Polling.AppHost.Processes;

namespace Polling.AppHost.AspireFallback;

/// <summary>A PostgreSQL of this machine, with the user and password <c>polling</c>.</summary>
public sealed class PostgresServerResource(string name, ParameterResource userName, ParameterResource password, int port, string dataDirectory)
    : RunnableResource(name), IPublishable
{
    private string ClusterDirectory => LocalPostgres.ClusterDirectory(dataDirectory);

    List<Action<Service>> IPublishable.Customizations { get; } = [];

    /// <summary>The port on 127.0.0.1.</summary>
    internal int Port { get; } = port;

    /// <summary>How the services of a published system reach it.</summary>
    internal string Published(PublishedValues values) =>
        $"Host={Name};Port=5432;Username={values.Placeholder(userName)};Password={values.Placeholder(password)}";

    ValueTask<Service> IPublishable.DescribeAsync(PublishedValues values)
    {
        var service = new Service { Name = Name, Image = "docker.io/library/postgres:18.3", Expose = ["5432"] };
        service.Environment["POSTGRES_HOST_AUTH_METHOD"] = "scram-sha-256";
        service.Environment["POSTGRES_INITDB_ARGS"] = "--auth-host=scram-sha-256 --auth-local=scram-sha-256";
        service.Environment["POSTGRES_USER"] = values.Placeholder(userName);
        service.Environment["POSTGRES_PASSWORD"] = values.Placeholder(password);

        // From 18 on the image keeps each major version's data in a folder of its own below this one.
        service.AddVolume(new Volume { Name = $"{Name}-data", Type = "volume", Source = $"{Name}-data", Target = "/var/lib/postgresql" });
        return new(service);
    }

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

    string IResourceWithConnectionString.Published(PublishedValues values) => $"{Parent.Published(values)};Database={Name}";
}
