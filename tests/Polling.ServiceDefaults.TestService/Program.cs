using Polling.ServiceDefaults.TestService;

// Options: Clients=true registers Redis and PostgreSQL; Lines=n writes n log lines and ends.
if (HealthProbe.IsAsked(args))
{
    return await HealthProbe.RunAsync();
}

return await StartupGuard.RunAsync(() =>
{
    var builder = WebApplication.CreateBuilder(args);
    builder.AddServiceDefaults();
    builder.AddLogFile("shared.log");
    if (builder.Configuration.GetValue<bool>("Clients"))
    {
        builder.AddRedisClient("redis", configureOptions: PollingRedisOptions.Of(builder.Configuration));
        builder.AddRedisCheck();
        builder.AddNpgsqlDataSource("polling");
    }

    if (builder.Configuration.GetValue<int>("Lines") > 0)
    {
        builder.Services.AddHostedService<LineWriter>();
    }

    var app = builder.Build();
    app.MapDefaultEndpoints();
    return app;
});
