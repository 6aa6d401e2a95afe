using Microsoft.EntityFrameworkCore;
using Npgsql;
using Polling.Core.Configuration;
using Polling.Core.ManualTriggers;
using Polling.Core.Persistence;
using Polling.Core.Queue.Manual;
using Polling.Scheduler.Passes;

namespace Polling.Scheduler.ManualTriggers;

/// <summary>Brings manual triggers to their end: one scheduler at a time, the oldest trigger first. (The API takes a new one's first step itself.)</summary>
internal sealed partial class ManualTriggerPass(
    ManualHandover handover, IServiceScopeFactory scopes, NpgsqlDataSource postgres, TimeProvider time, ILogger<ManualTriggerPass> logger)
    : SingletonPass(postgres, "manual-triggers", time, logger)
{
    private const int TriggersPerPass = 50;
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Busy = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan RecoverEvery = TimeSpan.FromSeconds(10);
    private DateTimeOffset _recoveredAt;

    protected override async Task<TimeSpan> RunHeldAsync(CancellationToken cancellation)
    {
        ManualTrigger[] open;
        await using (var scope = scopes.CreateAsyncScope())
        {
            open = await scope.ServiceProvider.GetRequiredService<PollingDbContext>().ManualTriggers.AsNoTracking()
                .Where(trigger => trigger.FinishedAt == null).OrderBy(trigger => trigger.Id).Take(TriggersPerPass).ToArrayAsync(cancellation);
        }

        if (open.Length == 0)
        {
            return Idle;
        }

        foreach (var type in TaskTypes.All)
        {
            await handover.SettleAsync(type, cancellation);
        }

        var recover = Time.GetUtcNow() - _recoveredAt >= RecoverEvery;
        _recoveredAt = recover ? Time.GetUtcNow() : _recoveredAt;
        var failures = new List<Exception>();
        foreach (var trigger in open)
        {
            if (!await HoldAsync(cancellation))
            {
                return Idle;
            }

            try
            {
                await RunAsync(trigger, recover, cancellation);
            }
#pragma warning disable CA1031 // A trigger that goes wrong must not hold up the others.
            catch (Exception e) when (!cancellation.IsCancellationRequested)
#pragma warning restore CA1031
            {
                failures.Add(e);
            }
        }

        return failures.Count == 0 ? Busy : throw new AggregateException(failures);
    }

    private async Task RunAsync(ManualTrigger trigger, bool recover, CancellationToken cancellation)
    {
        await handover.StepAsync(trigger, cancellation);
        if (recover && await handover.RecoverAsync(trigger, cancellation) is > 0 and var lost)
        {
            LogRecovered(logger, trigger.Id, lost);
        }

        if (await handover.FinishAsync(trigger, cancellation))
        {
            LogFinished(logger, trigger.Id, trigger.TaskType.Name());
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "手动触发完成 manual trigger {TriggerId} ({TaskType}) has ended")]
    private static partial void LogFinished(ILogger logger, long triggerId, string taskType);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Cards} cards of manual trigger {TriggerId} were lost on their way and are asked for again")]
    private static partial void LogRecovered(ILogger logger, long triggerId, int cards);
}
