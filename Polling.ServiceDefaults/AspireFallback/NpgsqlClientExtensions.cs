using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace Polling.ServiceDefaults;

/// <summary>Stands in for the packages Aspire.Npgsql and Aspire.Npgsql.EntityFrameworkCore.PostgreSQL: the same calls.</summary>
public static class NpgsqlClientExtensions
{
    private static readonly TimeSpan HealthTimeout = TimeSpan.FromSeconds(3);

    /// <summary>Registers <see cref="NpgsqlDataSource"/> for <c>ConnectionStrings:{connectionName}</c> and a health check (SELECT 1).</summary>
    public static void AddNpgsqlDataSource(
        this IHostApplicationBuilder builder,
        string connectionName,
        Action<NpgsqlSettings>? configureSettings = null,
        Action<NpgsqlDataSourceBuilder>? configureDataSourceBuilder = null)
    {
        var settings = RequiredConnection.Bind<NpgsqlSettings>(builder, "Aspire:Npgsql", connectionName);
        settings.ConnectionString = builder.Configuration.GetConnectionString(connectionName) ?? settings.ConnectionString;
        configureSettings?.Invoke(settings);
        var connection = RequiredConnection.Postgres(connectionName, settings.ConnectionString);
        connection.CheckAtStart(builder.Services);

        builder.Services.AddNpgsqlDataSource("", source =>
        {
            source.ConnectionStringBuilder.ConnectionString = connection.Require();
            configureDataSourceBuilder?.Invoke(source);
        });
        if (!settings.DisableHealthChecks)
        {
            builder.Services.AddHealthChecks()
                .AddCheck<DataSourceHealthCheck>(connectionName, HealthStatus.Unhealthy, [], HealthTimeout);
        }
    }

    /// <summary>
    /// Registers <typeparamref name="TContext"/> (pooled) for <c>ConnectionStrings:{connectionName}</c>, with retries on transient failures
    /// unless they are disabled, and a health check named after the context.
    /// </summary>
    public static void AddNpgsqlDbContext<TContext>(
        this IHostApplicationBuilder builder,
        string connectionName,
        Action<NpgsqlEntityFrameworkCorePostgreSQLSettings>? configureSettings = null,
        Action<DbContextOptionsBuilder>? configureDbContextOptions = null)
        where TContext : DbContext
    {
        const string section = "Aspire:Npgsql:EntityFrameworkCore:PostgreSQL";
        var settings = RequiredConnection.Bind<NpgsqlEntityFrameworkCorePostgreSQLSettings>(builder, section, connectionName);
        builder.Configuration.GetSection(section).GetSection(typeof(TContext).Name).Bind(settings);
        settings.ConnectionString = builder.Configuration.GetConnectionString(connectionName) ?? settings.ConnectionString;
        configureSettings?.Invoke(settings);
        var connection = RequiredConnection.Postgres(connectionName, settings.ConnectionString);
        connection.CheckAtStart(builder.Services);

        builder.Services.AddDbContextPool<TContext>(options =>
        {
            options.UseNpgsql(connection.Require(), npgsql =>
            {
                if (!settings.DisableRetry)
                {
                    npgsql.EnableRetryOnFailure();
                }

                if (settings.CommandTimeout is { } seconds)
                {
                    npgsql.CommandTimeout(seconds);
                }
            });
            configureDbContextOptions?.Invoke(options);
        });
        if (!settings.DisableHealthChecks)
        {
            builder.Services.AddHealthChecks()
                .AddCheck<DbContextHealthCheck<TContext>>(typeof(TContext).Name, HealthStatus.Unhealthy, [], HealthTimeout);
        }
    }
}
