using Npgsql;
using Polling.Core.Alerts;
using Polling.Core.Alerts.Evaluation;
using Polling.Core.Alerts.Rules;
using Polling.Scheduler.Passes;

namespace Polling.Scheduler.Alerts;

/// <summary>
/// Evaluates the alert rules every 2 s, all but those that only the admin API can tell. One scheduler does it; what it finds out lies in
/// PostgreSQL, so that another goes on with it.
/// </summary>
internal sealed class AlertPass(NpgsqlDataSource postgres, AlertRound round, AlertReadings readings, TimeProvider time, ILogger<AlertPass> logger)
    : SingletonPass(postgres, "alerts", time, logger)
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    protected override async Task<TimeSpan> RunHeldAsync(CancellationToken cancellation)
    {
        await round.RunAsync(
            type => type != AlertRuleType.SchedulerAbsent.Name, readings.ReadAsync, transaction => FenceAsync(transaction, cancellation), cancellation);
        return Every;
    }
}
