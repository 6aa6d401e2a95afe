using Npgsql;
using Polling.Core.Persistence.Usage;
using Polling.Scheduler.Passes;

namespace Polling.Scheduler.UsageCycles;

/// <summary>
/// Closes billing cycles that are over and that no carrier states: with their last valid reading, after the grace in which late readings come. One
/// scheduler does it, every minute. Cycles that a carrier states are closed by executors (their <c>UsageCycles</c>).
/// </summary>
internal sealed partial class UsageCyclePass(NpgsqlDataSource postgres, CycleClosing closing, TimeProvider time, ILogger<UsageCyclePass> logger)
    : SingletonPass(postgres, "usage_cycles", time, logger)
{
    private const int CyclesPerStep = 2_000;
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    // The lease is renewed with each pass.
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(5);
    private DateTimeOffset _nextAt;
    private ClosedCycles _sum;

    protected override async Task<TimeSpan> RunHeldAsync(CancellationToken cancellation)
    {
        var now = Time.GetUtcNow();
        if (now < _nextAt)
        {
            return Look;
        }

        var step = await closing.CloseAsync(CyclesPerStep, now, transaction => FenceAsync(transaction, cancellation), cancellation);
        _sum = new ClosedCycles(
            _sum.Closed + step.Closed, _sum.Gaps + step.Gaps, step.LongestGap > _sum.LongestGap ? step.LongestGap : _sum.LongestGap);
        if (step.Closed > 0)
        {
            return TimeSpan.Zero;
        }

        if (_sum.Closed > 0)
        {
            LogClosed(logger, _sum.Closed, _sum.Gaps, (int)_sum.LongestGap.TotalSeconds);
            _sum = default;
        }

        _nextAt = now + Every;
        return Look;
    }

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "计费周期关闭: {Closed} billing cycles were closed with their last reading; of {Gaps} the use before their end is not known, for {LongestGapSeconds} s at most")]
    private static partial void LogClosed(ILogger logger, int closed, int gaps, int longestGapSeconds);
}
