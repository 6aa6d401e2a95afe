return await StartupGuard.RunAsync(() =>
{
    var builder = WebApplication.CreateBuilder(args);
    builder.AddServiceDefaults();
    builder.AddLogFile("gateway.log");
    var app = builder.Build();
    app.MapDefaultEndpoints();
    return app;
});
