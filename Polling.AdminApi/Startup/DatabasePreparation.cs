using Npgsql;
using Polling.Core.Persistence;
using Polling.Core.Persistence.Usage;
using Polling.ServiceDefaults;

namespace Polling.AdminApi.Startup;

/// <summary>Migrates the database before the API takes requests; in development puts demo data into an empty one.</summary>
internal sealed class DatabasePreparation(IServiceProvider services, TimeProvider clock, IHostEnvironment environment, IConfiguration configuration)
    : IHostedLifecycleService
{
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        var demoCards = DemoCards();
        await using var scope = services.CreateAsyncScope();
        try
        {
            await scope.ServiceProvider.GetRequiredService<MigrationRunner>().RunAsync(cancellationToken);
            await scope.ServiceProvider.GetRequiredService<UsagePartitions>().EnsureAsync(clock.GetUtcNow(), cancellationToken);
        }
        catch (NpgsqlException e)
        {
            throw new StartupException($"the database cannot be migrated: {PostgresRefusal.Explain(e)}", e);
        }

        if (environment.IsDevelopment())
        {
            await scope.ServiceProvider.GetRequiredService<Core.Persistence.Demo.DemoData>().SeedAsync(demoCards, cancellationToken);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private int DemoCards()
    {
        const string Key = "Polling:DemoCards";
        const int Max = 10_000_000;
        var text = configuration[Key];
        return string.IsNullOrWhiteSpace(text) ? 1000
            : int.TryParse(text, out var cards) && cards is >= 0 and <= Max ? cards
            : throw new StartupException($"{Key} is \"{text}\"; it must be an integer from 0 (no demo cards) to {Max}");
    }
}
