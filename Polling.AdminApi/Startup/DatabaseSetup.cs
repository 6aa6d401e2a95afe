using Polling.Core.Persistence;
using Polling.Core.Persistence.Demo;

namespace Polling.AdminApi.Startup;

internal static class DatabaseSetup
{
    public static void AddDatabasePreparation(this WebApplicationBuilder builder)
    {
        builder.Services.AddPollingPersistence();
        builder.Services.AddScoped<MigrationRunner>();
        builder.Services.AddScoped<DemoData>();
        builder.Services.AddHostedService<DatabasePreparation>();
    }
}
