namespace Polling.Core.Statistics.Windows;

/// <summary>Buckets of times, four to each doubling: so a percentile is off by 9 % at most, from a millisecond to weeks.</summary>
public static class LogScale
{
    private const int BucketsPerDoubling = 4;

    /// <summary>The bucket of a time; what is shorter than a millisecond is in bucket 0.</summary>
    public static int BucketOf(TimeSpan time) =>
        time.TotalMilliseconds <= 1 ? 0 : (int)Math.Ceiling(Math.Log2(time.TotalMilliseconds) * BucketsPerDoubling);

    /// <summary>The middle of a bucket, ms.</summary>
    public static double MiddleMs(int bucket) => bucket <= 0 ? 1 : Math.Pow(2, (bucket - 0.5) / BucketsPerDoubling);

    /// <summary>The time, ms, that this share of the counted ones does not exceed; null when none was counted.</summary>
    /// <param name="counts">Bucket → count.</param>
    /// <param name="share">Above 0 up to 1.</param>
    public static double? Percentile(IReadOnlyCollection<KeyValuePair<int, long>> counts, double share)
    {
        ArgumentNullException.ThrowIfNull(counts);
        var wanted = Math.Ceiling(counts.Sum(c => c.Value) * share);
        if (wanted <= 0)
        {
            return null;
        }

        long seen = 0;
        foreach (var (bucket, count) in counts.OrderBy(c => c.Key))
        {
            if ((seen += count) >= wanted)
            {
                return MiddleMs(bucket);
            }
        }

        return null;
    }
}
