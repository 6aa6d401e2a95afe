using Polling.AppHost.LocalServers;
using Polling.AppHost.Options;
using Polling.AppHost.Processes;

namespace Polling.AppHost.Startup;

/// <summary>
/// What comes before the composition: the ports and folders are checked, and where genuine Aspire finds no container
/// runtime, Redis and PostgreSQL are started as processes of this machine.
/// </summary>
internal sealed class SystemStart : IAsyncDisposable
{
#if ASPIRE_PACKAGES
    private const bool NeedsContainers = true;
#else
    private const bool NeedsContainers = false;
#endif

    private readonly List<SupervisedProcess> _servers = [];
    private DataDirectory? _data;

    /// <summary>Whether there is a Redis already, with its connection string in the configuration.</summary>
    public bool HasRedis { get; private set; }

    /// <summary>Whether there is a database already, with its connection string in the configuration.</summary>
    public bool HasDatabase { get; private set; }

    /// <exception cref="StartException">A port is taken, or a folder cannot be used.</exception>
    /// <exception cref="LocalServerException">A server cannot be started.</exception>
    public static async Task<SystemStart> PrepareAsync(AppHostOptions options, IDistributedApplicationBuilder builder)
    {
        var start = new SystemStart { HasRedis = options.RedisConnectionString is not null, HasDatabase = options.DatabaseConnectionString is not null };
        if (!builder.ExecutionContext.IsRunMode)
        {
            return start;
        }

        try
        {
            start._data = DataDirectory.Claim(options);
            Ports.Check(options);
            if (NeedsContainers && !(start.HasRedis && start.HasDatabase) && !ContainerRuntime.IsWorking())
            {
                await start.StartServersAsync(options, builder);
            }

            return start;
        }
        catch
        {
            await start.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_servers.Select(server => server.StopAsync()));
        _data?.Dispose();
        WatchdogClient.Current.Dismiss();
    }

    private async Task StartServersAsync(AppHostOptions options, IDistributedApplicationBuilder builder)
    {
        var output = Directory.CreateDirectory(Path.Combine(options.LogDirectory, "console")).FullName;
        if (!HasRedis)
        {
            var engine = RedisEngines.Found[0];
            _servers.Add(await LocalRedis.StartAsync(
                new LocalRedisOptions
                {
                    Engine = engine,
                    Port = options.RedisPort,
                    DataDirectory = LocalRedis.DataDirectory(options.DataDirectory, engine),
                    OutputFile = Path.Combine(output, "redis.log"),
                },
                CancellationToken.None));
            Tell(builder, "redis", LocalRedis.ConnectionString(options.RedisPort));
            HasRedis = true;
        }

        if (!HasDatabase)
        {
            _servers.Add(await LocalPostgres.StartAsync(
                new LocalPostgresOptions
                {
                    Port = options.PostgresPort,
                    DataDirectory = LocalPostgres.ClusterDirectory(options.DataDirectory),
                    OutputFile = Path.Combine(output, "postgres.log"),
                },
                CancellationToken.None));
            Tell(builder, "polling", LocalPostgres.ConnectionString(options.PostgresPort));
            HasDatabase = true;
        }
    }

    // Aspire has read the environment already.
    private static void Tell(IDistributedApplicationBuilder builder, string name, string connectionString)
    {
#if ASPIRE_PACKAGES
        builder.Configuration[$"ConnectionStrings:{name}"] = connectionString;
#endif
    }
}
