namespace Polling.MockGateway.Clock;

/// <summary>The gateway's time: the real one and an offset that only grows. Latency, hanging and every other timer stay real.</summary>
internal sealed class GatewayClock(TimeProvider real) : TimeProvider
{
    /// <summary>Ten years.</summary>
    public const long OffsetSecondsMax = 315_360_000;

    private long _offsetSeconds;

    public long OffsetSeconds => Volatile.Read(ref _offsetSeconds);

    public override TimeZoneInfo LocalTimeZone => real.LocalTimeZone;

    public override long TimestampFrequency => real.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => real.GetUtcNow().AddSeconds(OffsetSeconds);

    public override long GetTimestamp() => real.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        real.CreateTimer(callback, state, dueTime, period);

    /// <summary>Moves the clock forward.</summary>
    /// <returns>False: the offset is less than the present one.</returns>
    public bool TryMove(long offsetSeconds)
    {
        for (var present = OffsetSeconds; present <= offsetSeconds; present = OffsetSeconds)
        {
            if (Interlocked.CompareExchange(ref _offsetSeconds, offsetSeconds, present) == present)
            {
                return true;
            }
        }

        return false;
    }
}
