using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Polling.Core.Persistence.Cleanup;
using Polling.Core.Persistence.ManualTriggers;
using Polling.Core.Persistence.Usage;

namespace Polling.Core.Persistence;

/// <summary>Registers what reads and writes PostgreSQL, over the registered data source and context.</summary>
public static class PersistenceServices
{
    /// <summary>Readers of cards, keepers of partitions.</summary>
    public static IServiceCollection AddPollingPersistence(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        return services.AddSingleton<CardPages>().AddSingleton<UsagePartitions>()
            .AddSingleton<CleanupPreview>().AddSingleton<CleanupDeletion>()
            .AddSingleton<ManualTriggerStore>().AddScoped<ManualTriggerListing>();
    }
}

/// <summary>Keeps the services registered after it from starting before the database has every migration.</summary>
public sealed class MigrationsReady(IServiceProvider services) : IHostedService
{
    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => services.WaitForMigrationsAsync(cancellationToken: cancellationToken);

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
