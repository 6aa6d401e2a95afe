using Polling.AppHost.LocalServers;
using Polling.AppHost.Options;
using Polling.AppHost.Processes;
using Polling.AppHost.Startup;

if (Words.Run(args) is { } exitCode)
{
    return exitCode;
}

try
{
    var options = AppHostOptions.Read(args);
    var builder = DistributedApplication.CreateBuilder(args);
    var isRun = builder.ExecutionContext.IsRunMode;
    int? servicePort = isRun ? null : ServiceSettings.PublishedPort;
    builder.AddTarget(options.Target);
    await using var system = await SystemStart.PrepareAsync(options, builder);

    IResourceBuilder<IResourceWithConnectionString> redis = system.HasRedis
        ? builder.AddConnectionString("redis")
        : builder.AddCloudRedis("redis", options.Target) ?? builder.AddRedis("redis", options.RedisPort)
            .WithPassword(isRun ? null : builder.AddParameter("redis-password", secret: true))
            .WithoutHttpsCertificate()
            .WithDurability()
            .WithDataVolume(isRun ? null : "redis-data")
            .PublishFor(options.Target);

    IResourceBuilder<IResourceWithConnectionString> database = system.HasDatabase
        ? builder.AddConnectionString("polling")
        : builder.AddCloudDatabase("polling", options.Target) ?? builder.AddPostgres(
                "postgres",
                builder.AddParameter("postgres-user", "polling", publishValueAsDefault: true),
                isRun
                    ? builder.AddParameter("postgres-password", "polling", secret: true)
                    : builder.AddParameter("postgres-password", secret: true),
                options.PostgresPort)
            .WithDataVolume(isRun ? null : "postgres-data")
            .PublishFor(options.Target)
            .AddDatabase("polling");

    var hasOwnRedis = !system.HasRedis && redis.Resource is RedisResource;

    // What is published calls the carriers' own gateways, and has the operator's own cards.
    var gateway = !isRun ? null : builder.AddProject<Projects.Polling_MockGateway>("mock-gateway", launchProfileName: null)
        .WithHttpEndpoint()
        .WithHttpHealthCheck("/health")
        .WithSettings(options)
        .WithFaultCommands();

    var api = builder.AddProject<Projects.Polling_AdminApi>("admin-api", launchProfileName: null)
        .WithHttpEndpoint(port: options.ApiPort, isProxied: false)
        .WithExternalHttpEndpoints()
        .WithHttpHealthCheck("/health")
        .WithSettings(options, hasOwnRedis)
        .WithReference(redis)
        .WithReference(database)
        .WithDemo(gateway, options)
        .WithOperatorCommands()
        .WaitFor(redis)
        .WaitFor(database);

    builder.AddProject<Projects.Polling_Scheduler>("scheduler", launchProfileName: null)
        .WithHttpEndpoint(targetPort: servicePort)
        .WithHttpHealthCheck("/health")
        .WithSettings(options, hasOwnRedis)
        .WithInstances(options.Schedulers)
        .WithReference(redis)
        .WithReference(database)
        .WaitFor(api);

    builder.AddProject<Projects.Polling_Executor>("executor", launchProfileName: null)
        .WithHttpEndpoint(targetPort: servicePort)
        .WithHttpHealthCheck("/health")
        .WithSettings(options, hasOwnRedis)
        .WithInstances(options.Executors)
        .WithReference(redis)
        .WithReference(database)
        .WithGateway(gateway)
        .WaitFor(api);

    await builder.Build().RunAsync();
    PublishedFiles.Protect(args);
    return 0;
}
catch (Exception error) when (error is StartException or LocalServerException)
{
    await Console.Error.WriteLineAsync($"The polling system does not start: {error.Message}");
    return 1;
}
