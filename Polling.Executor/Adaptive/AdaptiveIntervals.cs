using Microsoft.EntityFrameworkCore;
using Npgsql;
using Polling.Core.Configuration;
using Polling.Core.Persistence;
using Polling.Core.Queue.Facts;
using Polling.Core.Scheduling;

namespace Polling.Executor.Adaptive;

/// <summary>Plans the next check of cards that will reach their limit, by the configuration that rules each; read from PostgreSQL every 2 s.</summary>
/// <remarks>While the table is being restored, what was known before holds; before it was read there are no plans: cards keep to their grids.</remarks>
internal sealed partial class AdaptiveIntervals(IServiceScopeFactory scopes, TimeProvider time, ILogger<AdaptiveIntervals> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);
    private volatile Known _known = new(new PollingConfigSet([]), [], IsAdaptive: false);

    /// <summary>How long until the card's next check; null = its grid decides.</summary>
    /// <param name="type">The task type that was checked.</param>
    /// <param name="card">The card.</param>
    /// <param name="overAt">When it will reach its limit; null = not foreseeable.</param>
    /// <param name="now">Now.</param>
    public TimeSpan? DueIn(TaskType type, CardFacts card, DateTimeOffset? overAt, DateTimeOffset now)
    {
        var known = _known;
        return overAt is { } over && known.IsAdaptive && known.Carriers.TryGetValue(card.AccountId, out var carrier)
            && known.Configs.Find(type, carrier, card.AccountId, card.Status, card.RealName, card.PackageId == 0 ? null : card.PackageId) is { } config
                ? AdaptiveInterval.DueIn(config, over - now)
                : null;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var inTrouble = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ReadAsync(stoppingToken);
                inTrouble = false;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UndefinedTable)
            {
                // It is being restored.
            }
#pragma warning disable CA1031 // What is known so far stays in force.
            catch (Exception e)
#pragma warning restore CA1031
            {
                if (!inTrouble)
                {
                    LogTrouble(logger, e.Message);
                    inTrouble = true;
                }
            }

            await Task.Delay(Every, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ReadAsync(CancellationToken cancellation)
    {
        await using var scope = scopes.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<PollingDbContext>();
        var configs = await context.PollingConfigs.AsNoTracking().ToArrayAsync(cancellation);
        var carriers = await context.CarrierAccounts.AsNoTracking().Select(a => new { a.Id, a.CarrierId }).ToDictionaryAsync(a => a.Id, a => a.CarrierId, cancellation);
        _known = new Known(
            new PollingConfigSet(configs), carriers, configs.Any(config => config.Status == ConfigStatus.On && config.AdaptiveMinSeconds is not null));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The polling configurations could not be read again; those known so far plan the adaptive checks: {Reason}")]
    private static partial void LogTrouble(ILogger logger, string reason);

    private sealed record Known(PollingConfigSet Configs, Dictionary<int, int> Carriers, bool IsAdaptive);
}
