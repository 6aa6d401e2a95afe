namespace Polling.Executor.Tests.Adaptive;

/// <summary>A card's use: each hour at a rate of its own, quiet ones, busy ones, and bursts of ten times as much that begin at any minute.</summary>
internal sealed class SimulatedUse
{
    /// <summary>100 MB.</summary>
    public const long Limit = 100_000_000;

    private const int Minutes = 48 * 60;
    private readonly long[] _usedAt = new long[Minutes + 1];
    private TimeSpan? _stoppedAt;

    public SimulatedUse(int seed)
    {
        var random = new Random(seed);
        var perMinute = Limit / (Minutes * (0.3 + 3 * random.NextDouble()));
        var (factor, left) = (1.0, 0);
        for (var minute = 0; minute < Minutes; minute++, left--)
        {
            if (left <= 0)
            {
                factor = random.Next(10) switch { < 4 => 0.2, < 9 => 1 + random.NextDouble(), _ => 10 };
                left = 30 + random.Next(150);
            }

            _usedAt[minute + 1] = _usedAt[minute] + (long)(perMinute * factor * (0.8 + 0.4 * random.NextDouble()));
        }
    }

    /// <summary>Used until then, since the start.</summary>
    public long ReadAt(TimeSpan at)
    {
        var until = _stoppedAt is { } stopped && stopped < at ? stopped : at;
        return _usedAt[Math.Clamp((int)until.TotalMinutes, 0, Minutes)];
    }

    /// <summary>From then on nothing is used.</summary>
    public void StopAt(TimeSpan at) => _stoppedAt ??= at;
}
