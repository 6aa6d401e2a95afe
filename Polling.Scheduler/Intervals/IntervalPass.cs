using Npgsql;
using Polling.Core.Configuration;
using Polling.Core.Queue.Epochs;
using Polling.Core.Queue.Intervals;
using Polling.Core.Statistics;
using Polling.Scheduler.Passes;

namespace Polling.Scheduler.Intervals;

/// <summary>
/// Moves due times when intervals, or which configuration rules which card, have changed; whatever changed them. One scheduler at a time looks each
/// second; what is left of one that died another finds, since an account is marked only when all of it has been moved.
/// </summary>
internal sealed partial class IntervalPass(
    NpgsqlDataSource postgres, EpochKeeper epochs, MovedIntervals moved, ScheduleMove move, InitialisationProgressStore initialisation, TimeProvider time, ILogger<IntervalPass> logger)
    : SingletonPass(postgres, "intervals", time, logger)
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    // A third of the lease's length.
    private static readonly TimeSpan RenewedAfter = TimeSpan.FromSeconds(5);
    private long _renewedAt;

    protected override async Task<TimeSpan> RunHeldAsync(CancellationToken cancellation)
    {
        // What is being placed is placed by the rules of now; what was placed before they changed is moved when all are.
        if (await initialisation.ReadAsync() is not { State: InitialisationState.Done })
        {
            return Every;
        }

        _renewedAt = Time.GetTimestamp();
        foreach (var type in TaskTypes.Polled)
        {
            foreach (var change in await moved.FindAsync(type))
            {
                var started = Time.GetTimestamp();
                var epoch = await epochs.EnsureAsync(type, cancellation);
                if (await move.RunAsync(change, epoch, () => HoldStillAsync(cancellation), cancellation) is not { } counts || !await HoldAsync(cancellation))
                {
                    // Another scheduler has taken over, or the rules have changed once more.
                    return TimeSpan.Zero;
                }

                await moved.MarkAsync(change);
                LogMoved(logger, type.Name(), change.AccountId, counts.Moved, counts.Placed, counts.Ended, Time.GetElapsedTime(started).TotalSeconds);
            }
        }

        return Every;
    }

    private async Task<bool> HoldStillAsync(CancellationToken cancellation)
    {
        if (Time.GetElapsedTime(_renewedAt) < RenewedAfter)
        {
            return true;
        }

        _renewedAt = Time.GetTimestamp();
        return await HoldAsync(cancellation);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The intervals of {TaskType} have changed for account {AccountId}: {Moved} cards are due at another time, {Placed} are polled from now on, {Ended} are no more; it took {Seconds:0.0} s")]
    private static partial void LogMoved(ILogger logger, string taskType, int accountId, int moved, int placed, int ended, double seconds);
}
