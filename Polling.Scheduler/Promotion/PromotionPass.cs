using Polling.Core.Configuration;
using Polling.Core.Queue.Promotion;
using Polling.Core.Telemetry;
using Polling.Scheduler.Passes;

namespace Polling.Scheduler.Promotion;

/// <summary>Admits due cards of one task type to the queue. Every scheduler runs it; a pass is one atomic script.</summary>
internal sealed class PromotionPass(
    TaskType type, PromotionScript promotion, PollingInstruments instruments, TimeProvider time, ILogger<PromotionPass> logger)
    : Pass(time, logger)
{
    // A card that is placed meanwhile is seen after this long at the latest.
    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(250);

    public override async Task<TimeSpan> RunOnceAsync(CancellationToken cancellation)
    {
        var pass = await promotion.PromoteAsync(type);
        instruments.Promoted(type, pass.Cards);
        return pass.Wait is { } wait && wait < LongestWait ? wait : LongestWait;
    }
}
