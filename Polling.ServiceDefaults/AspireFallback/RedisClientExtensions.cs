using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Polling.ServiceDefaults;

/// <summary>Stands in for the package Aspire.StackExchange.Redis: the same call, as much of it as the services use.</summary>
public static class RedisClientExtensions
{
    /// <summary>
    /// Registers <see cref="IConnectionMultiplexer"/> for <c>ConnectionStrings:{connectionName}</c>, connected when first asked for, and a
    /// health check that pings over a connection of its own.
    /// </summary>
    public static void AddRedisClient(
        this IHostApplicationBuilder builder,
        string connectionName,
        Action<StackExchangeRedisSettings>? configureSettings = null,
        Action<ConfigurationOptions>? configureOptions = null)
    {
        var settings = RequiredConnection.Bind<StackExchangeRedisSettings>(builder, "Aspire:StackExchange:Redis", connectionName);
        settings.ConnectionString = builder.Configuration.GetConnectionString(connectionName) ?? settings.ConnectionString;
        configureSettings?.Invoke(settings);
        var connection = RequiredConnection.Redis(connectionName, settings.ConnectionString);
        connection.CheckAtStart(builder.Services);

        builder.Services.AddSingleton<IConnectionMultiplexer>(services => ConnectionMultiplexer.Connect(Options(services)));
        if (!settings.DisableHealthChecks)
        {
            builder.Services.AddSingleton(services => new RedisHealthCheck(Options(services)));
            builder.Services.AddHealthChecks().AddCheck<RedisHealthCheck>(connectionName, HealthStatus.Unhealthy, [], TimeSpan.FromSeconds(3));
        }

        ConfigurationOptions Options(IServiceProvider services)
        {
            var options = ConfigurationOptions.Parse(connection.Require());
            configureOptions?.Invoke(options);
            options.LoggerFactory ??= services.GetService<ILoggerFactory>();
            return options;
        }
    }
}
