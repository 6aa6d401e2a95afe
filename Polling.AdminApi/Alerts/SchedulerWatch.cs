using Npgsql;
using Polling.Core.Alerts;
using Polling.Core.Alerts.Evaluation;
using Polling.Core.Alerts.Rules;
using Polling.Core.Persistence;
using Polling.Core.Statistics;

namespace Polling.AdminApi.Alerts;

/// <summary>
/// Evaluates the rules about absent schedulers, every 5 s: schedulers write figures each second, and cannot tell that none is left. Of
/// several admin APIs one does it, under a lease in PostgreSQL.
/// </summary>
/// <remarks>How long the figures have stood still is told by this process's own clock, since it saw them change last: clocks may differ.</remarks>
internal sealed partial class SchedulerWatch(
    NpgsqlDataSource postgres, PollingStatisticsReader statistics, AlertRound round, TimeProvider clock, ILogger<SchedulerWatch> logger)
    : BackgroundService
{
    private const string Schedulers = "schedulers";
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);
    private readonly SingletonLease _lease = new(
        postgres, "scheduler-watch", $"{Environment.MachineName}:{Environment.ProcessId}:{Guid.NewGuid():N}", TimeSpan.FromSeconds(20));

    private long? _term;
    private DateTimeOffset? _lastFigures;
    private long _seenAt = clock.GetTimestamp();
    private bool _isInTrouble;

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (ExecuteTask is not null)
        {
            await _lease.ReleaseAsync(cancellationToken);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, clock);
        do
        {
            try
            {
                await RunOnceAsync(stoppingToken);
                _isInTrouble = false;
            }
#pragma warning disable CA1031 // The next round may do better; the API must not end because of it.
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                if (!_isInTrouble)
                {
                    LogFailed(e);
                }

                _isInTrouble = true;
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task RunOnceAsync(CancellationToken cancellation)
    {
        // Every API looks, so that each can go on when another ends.
        var figures = (await statistics.ReadAsync()).Max(task => task.Moment("updated_at_ms"));
        if (figures != _lastFigures)
        {
            (_lastFigures, _seenAt) = (figures, clock.GetTimestamp());
        }

        if (_term is not { } term || !await _lease.RenewAsync(term, cancellation))
        {
            _term = await _lease.AcquireAsync(cancellation);
        }

        if (_term is { } held)
        {
            await round.RunAsync(
                type => type == AlertRuleType.SchedulerAbsent.Name, MeasureAsync, transaction => _lease.FenceAsync(held, transaction, cancellation),
                cancellation);
        }
    }

    private Task<IReadOnlyDictionary<int, IReadOnlyList<AlertReading>>> MeasureAsync(
        IReadOnlyCollection<AlertRule> rules, CancellationToken cancellation)
    {
        var reading = new AlertReading(Schedulers, Math.Round(clock.GetElapsedTime(_seenAt).TotalSeconds, 1));
        return Task.FromResult<IReadOnlyDictionary<int, IReadOnlyList<AlertReading>>>(
            rules.ToDictionary(rule => rule.Id, IReadOnlyList<AlertReading> (_) => [reading]));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Whether a scheduler is there cannot be told now; it is tried again")]
    private partial void LogFailed(Exception exception);
}
