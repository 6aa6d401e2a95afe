using Polling.AppHost.LocalServers;
using Polling.AppHost.Processes;

namespace Polling.AppHost.AspireFallback;

/// <summary>A Redis of this machine: the best engine found.</summary>
public sealed class RedisResource(string name, int port, string dataDirectory) : RunnableResource(name), IResourceWithConnectionString, IPublishable
{
    private const int Port = 6379;

    private static RedisEngine Engine => RedisEngines.Found[0];

    /// <inheritdoc />
    public ValueTask<string?> GetConnectionStringAsync(CancellationToken cancellationToken = default) =>
        new(LocalRedis.ConnectionString(port));

    List<Action<Service>> IPublishable.Customizations { get; } = [];

    /// <summary>The password, in what is published.</summary>
    internal ParameterResource? Password { get; set; }

    string IResourceWithConnectionString.Published(PublishedValues values) =>
        Password is null ? $"{Name}:{Port}" : $"{Name}:{Port},password={values.Placeholder(Password)}";

    ValueTask<Service> IPublishable.DescribeAsync(PublishedValues values)
    {
        var service = new Service { Name = Name, Image = "docker.io/library/redis:8.6", Command = ["redis-server"], Expose = [$"{Port}"] };
        service.AddVolume(new Volume { Name = $"{Name}-data", Type = "volume", Source = $"{Name}-data", Target = "/data" });
        if (Password is not null)
        {
            service.Environment["REDIS_PASSWORD"] = values.Placeholder(Password);
        }

        return new(service);
    }

    internal override int StopOrder => 3;

    internal override bool IsEssential => true;

    internal override string Whereabouts => $"127.0.0.1:{port} ({(Engine == RedisEngine.Garnet ? "embedded Garnet" : $"{Engine}, {RedisEngines.Program(Engine)}")})";

    internal override Task<SupervisedProcess> StartAsync(int replica, string outputFile, CancellationToken cancellationToken) =>
        LocalRedis.StartAsync(
            new LocalRedisOptions
            {
                Engine = Engine,
                Port = port,
                DataDirectory = LocalRedis.DataDirectory(dataDirectory, Engine),
                OutputFile = outputFile,
            },
            cancellationToken);

    internal override Task<bool> IsHealthyAsync(int replica, CancellationToken cancellationToken) =>
        LocalRedis.AnswersAsync(port, cancellationToken);
}
