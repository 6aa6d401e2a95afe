using Polling.AdminApi.Access;
using Polling.AdminApi.Accounts;
using Polling.AdminApi.Alerts;
using Polling.AdminApi.AuditLog;
using Polling.AdminApi.Cards;
using Polling.AdminApi.Cleanup;
using Polling.AdminApi.Concurrency;
using Polling.AdminApi.Configurations;
using Polling.AdminApi.Http;
using Polling.AdminApi.ManualTriggers;
using Polling.AdminApi.MockFrontDoor;
using Polling.AdminApi.OpenApi;
using Polling.AdminApi.Packages;
using Polling.AdminApi.Planner;
using Polling.AdminApi.Quarantine;
using Polling.AdminApi.Startup;
using Polling.AdminApi.Statistics;
using Polling.AdminApi.Suspensions;
using Polling.AdminApi.Usage;
using Polling.Core.Persistence;
using Polling.Core.Queue.VirtualClock;
using Polling.ServiceDefaults;

if (CreateKeyCommand.IsAsked(args))
{
    return await CreateKeyCommand.RunAsync(args);
}

if (HealthProbe.IsAsked(args))
{
    return await HealthProbe.RunAsync();
}

return await StartupGuard.RunAsync(() =>
{
    var builder = WebApplication.CreateBuilder(args);
    builder.AddServiceDefaults();
    builder.AddLogFile("api.log");
    builder.AddAccessLog();
    builder.AddRedisClient("redis", configureOptions: PollingRedisOptions.Of(builder.Configuration));
    builder.AddRedisCheck();
    builder.AddVirtualClock();
    builder.AddNpgsqlDataSource("polling");
    builder.AddNpgsqlDbContext<PollingDbContext>("polling");
    builder.AddDatabasePreparation();
    builder.AddAccess();
    builder.AddApi();
    builder.AddRequestLimits();
    builder.AddOpenApiDocument();
    builder.AddCards();
    builder.AddAccounts();
    builder.AddPackages();
    builder.AddUsage();
    builder.AddConfigurations();
    builder.AddPlanner();
    builder.AddConcurrency();
    builder.AddStatistics();
    builder.AddManualTriggers();
    builder.AddAlerts();
    builder.AddAuditLog();
    builder.AddSuspensions();
    builder.AddMockFrontDoor();

    var app = builder.Build();
    app.UseAccessLog();
    app.UseProblemDetails();
    app.UseAccess();
    app.MapDefaultEndpoints();
    app.MapOpenApiDocument();
    app.MapAccess();
    app.MapCards();
    app.MapAccounts();
    app.MapPackages();
    app.MapUsage();
    app.MapConfigurations();
    app.MapPlanner();
    app.MapConcurrency();
    app.MapQuarantine();
    app.MapStatistics();
    app.MapManualTriggers();
    app.MapAlerts();
    app.MapCleanup();
    app.MapSuspensions();
    app.MapAuditLog();
    app.MapMockFrontDoor();
    return app;
});
