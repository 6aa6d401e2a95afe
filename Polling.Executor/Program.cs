using Polling.Core.Persistence;
using Polling.Core.Queue.VirtualClock;
using Polling.Executor;

if (HealthProbe.IsAsked(args))
{
    return await HealthProbe.RunAsync();
}

return await StartupGuard.RunAsync(() =>
{
    var builder = WebApplication.CreateBuilder(args);
    builder.AddServiceDefaults();
    builder.AddLogFile("worker.log");
    builder.AddRedisClient("redis", configureOptions: PollingRedisOptions.Of(builder.Configuration));
    builder.AddRedisCheck();
    builder.AddVirtualClock();
    builder.AddNpgsqlDataSource("polling");
    builder.AddNpgsqlDbContext<PollingDbContext>("polling");
    builder.Services.AddPollingExecutor();

    var app = builder.Build();
    app.MapDefaultEndpoints();
    return app;
});
