using Polling.Core.Persistence;
using Polling.Core.Persistence.Demo;

namespace Polling.AdminApi.Startup;

internal static class DatabaseSetup
{
    public static void AddDatabasePreparation(this WebApplicationBuilder builder)
    {
        builder.AddMigrations();
        builder.Services.AddScoped<DemoData>();
        builder.Services.AddHostedService<DatabasePreparation>();
    }

    public static void AddMigrations(this WebApplicationBuilder builder) => builder.Services.AddPollingPersistence().AddScoped<MigrationRunner>();
}
