namespace Polling.Core.Statistics.Windows;

/// <summary>Buckets of times, four to each doubling: so a percentile is off by 9 % at most, from a millisecond to weeks.</summary>
public static class LogScale
{
    /// <summary>The last bucket: what takes longer than three months is in it.</summary>
    public const short BucketMax = 132;

    private const int BucketsPerDoubling = 4;

    /// <summary>The bucket of a time; what is shorter than a millisecond is in bucket 0.</summary>
    public static int BucketOf(TimeSpan time) =>
        time.TotalMilliseconds <= 1 ? 0 : Math.Min(BucketMax, (int)Math.Ceiling(Math.Log2(time.TotalMilliseconds) * BucketsPerDoubling));

    /// <summary>The middle of a bucket, ms.</summary>
    public static double MiddleMs(int bucket) => bucket <= 0 ? 1 : Math.Pow(2, (bucket - 0.5) / BucketsPerDoubling);

    /// <summary>The time, ms, that this share of the counted ones does not exceed; null when none was counted.</summary>
    /// <param name="counts">How many there are of each bucket, from 0 on.</param>
    /// <param name="share">Above 0 up to 1.</param>
    public static double? Percentile(ReadOnlySpan<long> counts, double share)
    {
        long total = 0;
        foreach (var count in counts)
        {
            total += count;
        }

        var wanted = Math.Ceiling(total * share);
        long seen = 0;
        for (var bucket = 0; bucket < counts.Length && wanted > 0; bucket++)
        {
            if ((seen += counts[bucket]) >= wanted)
            {
                return MiddleMs(bucket);
            }
        }

        return null;
    }
}
