using Polling.Core.Queue.Lateness;

namespace Polling.Core.Statistics.Windows;

/// <summary>How a number of times are spread. Percentiles are off by 9 % at most (<see cref="LogScale"/>).</summary>
/// <param name="Count">How many; 0 = all else is null.</param>
/// <param name="P50Ms">Half of them took no longer, ms.</param>
/// <param name="P95Ms">95 % of them.</param>
/// <param name="P99Ms">99 % of them.</param>
public sealed record TimeSpread(long Count, double? P50Ms, double? P95Ms, double? P99Ms)
{
    /// <summary>Of counted buckets.</summary>
    /// <param name="counts">How many there are of each, from 0 on.</param>
    public static TimeSpread Of(ReadOnlySpan<long> counts)
    {
        long count = 0;
        foreach (var ofBucket in counts)
        {
            count += ofBucket;
        }

        return count == 0
            ? new TimeSpread(0, null, null, null)
            : new TimeSpread(count, LogScale.Percentile(counts, 0.5), LogScale.Percentile(counts, 0.95), LogScale.Percentile(counts, 0.99));
    }
}

/// <summary>What happened in a window, of a task type or of one account in it.</summary>
/// <remarks>
/// Each process adds its counts once a second: what a process that is killed had counted in its last second is not in it. (The figures of
/// <c>polling:stats:{type}</c> are exact: the scripts count them.)
/// </remarks>
public sealed record WindowStatistics
{
    /// <summary>Which window.</summary>
    public required StatisticsWindow Window { get; init; }

    /// <summary>When it begins.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>When it was read: its end.</summary>
    public required DateTimeOffset To { get; init; }

    /// <summary>Cards admitted to the queue.</summary>
    public required long Admitted { get; init; }

    /// <summary>Gateway calls that ended.</summary>
    public required long Calls { get; init; }

    /// <summary>Cards checked with success.</summary>
    public required long Success { get; init; }

    /// <summary>Cards whose check failed.</summary>
    public required long Failed { get; init; }

    /// <summary>Calls that were refused by their account's quota or circuit at the moment of sending; they are made later.</summary>
    public required long Refused { get; init; }

    /// <summary>Mean duration of a card's check, that of its call, ms; null = none was checked.</summary>
    public required double? AvgDurationMs { get; init; }

    /// <summary>Durations of the cards' checks.</summary>
    public required TimeSpread Duration { get; init; }

    /// <summary>From due time to call, of all cards asked.</summary>
    public required TimeSpread Lateness { get; init; }

    /// <summary>The same, by what the card waited for most of the time.</summary>
    public required IReadOnlyDictionary<LatenessCause, TimeSpread> LatenessByCause { get; init; }

    /// <summary>Cards that failed, by the carrier's or our own code.</summary>
    public required IReadOnlyDictionary<string, long> Errors { get; init; }

    /// <summary>Checks ended.</summary>
    public long Total => Success + Failed;

    /// <summary>In per cent; null = none was checked.</summary>
    public double? SuccessRate => Total == 0 ? null : Math.Round(Success * 100.0 / Total, 2);

    /// <summary>Checks ended a second.</summary>
    public double PerSecond => To > From ? Math.Round(Total / (To - From).TotalSeconds, 2) : 0;
}
