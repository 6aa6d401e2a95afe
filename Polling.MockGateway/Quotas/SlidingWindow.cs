namespace Polling.MockGateway.Quotas;

/// <summary>
/// Counts an account's calls in every window of one second, exactly: a window is (t − 1 s, t], so two calls exactly one second apart
/// are not in the same one. The fullest of all windows always ends at some call, so looking back from each call finds it.
/// </summary>
/// <remarks>Not thread-safe; the times must not go back.</remarks>
internal sealed class SlidingWindow
{
    private long[] _times = new long[64]; // A ring; its length is a power of two.
    private int _head;
    private int _count;

    /// <summary>Calls in the window that ended at the last call.</summary>
    public int Count => _count;

    /// <summary>Calls in the fullest window so far.</summary>
    public int Max { get; private set; }

    /// <summary>When the fullest window ended, in microseconds.</summary>
    public long MaxAtUs { get; private set; }

    /// <summary>Forgets calls that are a second old or older at <paramref name="nowUs"/>; returns how many remain.</summary>
    public int Advance(long nowUs)
    {
        while (_count > 0 && _times[_head] <= nowUs - Microseconds.PerSecond)
        {
            _head = (_head + 1) & (_times.Length - 1);
            _count--;
        }

        return _count;
    }

    /// <summary>Counts a call.</summary>
    public void Add(long nowUs)
    {
        Advance(nowUs);
        if (_count == _times.Length)
        {
            var larger = new long[_times.Length * 2];
            for (var i = 0; i < _count; i++)
            {
                larger[i] = _times[(_head + i) & (_times.Length - 1)];
            }

            (_times, _head) = (larger, 0);
        }

        _times[(_head + _count) & (_times.Length - 1)] = nowUs;
        _count++;
        if (_count > Max)
        {
            (Max, MaxAtUs) = (_count, nowUs);
        }
    }
}
