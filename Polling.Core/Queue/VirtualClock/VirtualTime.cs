namespace Polling.Core.Queue.VirtualClock;

/// <summary>The real time and an offset that can be changed. Timers, delays and timestamps stay real.</summary>
public sealed class VirtualTime : TimeProvider
{
    private long _offsetMs;

    /// <summary>What is added to the real time, milliseconds.</summary>
    public long OffsetMs
    {
        get => Volatile.Read(ref _offsetMs);
        set => Volatile.Write(ref _offsetMs, value);
    }

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddMilliseconds(OffsetMs);
}
