using Polling.Core.Persistence.Usage;
using Polling.Scheduler.Passes;

namespace Polling.Scheduler.Partitions;

/// <summary>Makes the partitions of the months to come, in every scheduler: whoever is first does it.</summary>
internal sealed class PartitionPass(UsagePartitions partitions, TimeProvider time, ILogger<PartitionPass> logger) : Pass(time, logger)
{
    private static readonly TimeSpan Every = TimeSpan.FromHours(1);

    public override async Task<TimeSpan> RunOnceAsync(CancellationToken cancellation)
    {
        await partitions.EnsureAsync(Time.GetUtcNow(), cancellation);
        return Every;
    }
}
