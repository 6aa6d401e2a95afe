using Polling.Core.Configuration;
using Polling.Core.Queue.Promotion;
using Polling.Core.Queue.Signals;
using Polling.Core.Statistics.Windows;
using Polling.Core.Telemetry;
using Polling.Scheduler.Passes;

namespace Polling.Scheduler.Promotion;

/// <summary>Admits due cards of one task type to the queue. Every scheduler runs it; a pass is one atomic script.</summary>
internal sealed class PromotionPass(
    TaskType type, PromotionScript promotion, QueueSignals signals, PollingInstruments instruments, Tally tally, TimeProvider time,
    ILogger<PromotionPass> logger) : Pass(time, logger)
{
    // A card that comes into a schedule without a signal (a call returned, a retry) is seen after this long at the latest.
    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(500);
    private QueueSignal? _placed;

    public override async Task<TimeSpan> RunOnceAsync(CancellationToken cancellation)
    {
        var pass = await promotion.PromoteAsync(type);
        if (pass.Chunks > 0)
        {
            signals.Send(type, SignalKind.Admitted);
            instruments.Promoted(type, pass.Cards);
            foreach (var (account, cards) in pass.CardsByAccount)
            {
                tally.Admitted(type, account, cards);
            }
        }

        return pass.Wait is { } wait && wait < LongestWait ? wait : LongestWait;
    }

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        _placed = await signals.ListenAsync(type, SignalKind.Placed);
        await base.StartAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _placed?.Dispose();
        base.Dispose();
    }

    protected override Task WaitAsync(TimeSpan wait, CancellationToken stopping) =>
        _placed is null ? base.WaitAsync(wait, stopping) : _placed.WaitAsync(wait, stopping);
}
