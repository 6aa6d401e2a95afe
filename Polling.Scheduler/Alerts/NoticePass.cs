using Polling.Core.Alerts;
using Polling.Scheduler.Passes;

namespace Polling.Scheduler.Alerts;

/// <summary>Sends the notices of alerts; every scheduler does, each what it takes from the outbox.</summary>
internal sealed class NoticePass(AlertSender sender, TimeProvider time, ILogger<NoticePass> logger) : Pass(time, logger)
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    public override async Task<TimeSpan> RunOnceAsync(CancellationToken cancellation) =>
        await sender.RunOnceAsync(cancellation) > 0 ? TimeSpan.Zero : Every;
}
