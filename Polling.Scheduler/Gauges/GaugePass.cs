using Polling.Core.Configuration;
using Polling.Core.Queue.Configuration;
using Polling.Core.Queue.Epochs;
using Polling.Core.Queue.Gauges;
using Polling.Core.Telemetry;
using Polling.Scheduler.Passes;

namespace Polling.Scheduler.Gauges;

/// <summary>
/// Once a second: keeps the epoch true, publishes the configuration to Redis, and writes the figures that operators read. Every
/// scheduler runs it; what it writes does not depend on who does.
/// </summary>
internal sealed class GaugePass(
    EpochKeeper epochs, ConfigurationPublisher publisher, GaugeScript gauges, PollingInstruments instruments, TimeProvider time,
    ILogger<GaugePass> logger) : Pass(time, logger)
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    public override async Task<TimeSpan> RunOnceAsync(CancellationToken cancellation)
    {
        var started = Time.GetTimestamp();
        await epochs.EnsureAllAsync(cancellation);
        var accounts = await publisher.PublishAsync(cancellation);
        foreach (var type in TaskTypes.Polled)
        {
            instruments.Publish(type, await gauges.PublishAsync(type, accounts));
        }

        var left = Every - Time.GetElapsedTime(started);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}
