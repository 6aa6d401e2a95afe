using Polling.AdminApi.Accounts;
using Polling.AdminApi.Cards;
using Polling.AdminApi.Concurrency;
using Polling.AdminApi.Configurations;
using Polling.AdminApi.Http;
using Polling.AdminApi.ManualTriggers;
using Polling.AdminApi.MockFrontDoor;
using Polling.AdminApi.Quarantine;
using Polling.AdminApi.Startup;
using Polling.AdminApi.Statistics;
using Polling.Core.Persistence;
using Polling.ServiceDefaults;

return await StartupGuard.RunAsync(() =>
{
    var builder = WebApplication.CreateBuilder(args);
    builder.AddServiceDefaults();
    builder.AddLogFile("api.log");
    builder.AddAccessLog();
    builder.AddRedisClient("redis", configureOptions: PollingRedisOptions.Apply);
    builder.AddNpgsqlDataSource("polling");
    builder.AddNpgsqlDbContext<PollingDbContext>("polling");
    builder.AddDatabasePreparation();
    builder.AddApi();
    builder.AddCards();
    builder.AddAccounts();
    builder.AddConfigurations();
    builder.AddConcurrency();
    builder.AddStatistics();
    builder.AddManualTriggers();
    builder.AddMockFrontDoor();

    var app = builder.Build();
    app.UseAccessLog();
    app.UseProblemDetails();
    app.MapDefaultEndpoints();
    app.MapOpenApi();
    app.MapCards();
    app.MapAccounts();
    app.MapConfigurations();
    app.MapConcurrency();
    app.MapQuarantine();
    app.MapStatistics();
    app.MapManualTriggers();
    app.MapMockFrontDoor();
    return app;
});
