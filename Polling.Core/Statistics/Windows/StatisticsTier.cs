namespace Polling.Core.Statistics.Windows;

/// <summary>Slots of one length, in which what happened is counted.</summary>
/// <param name="Name">As it stands in key names.</param>
/// <param name="Length">Of a slot; slots begin at multiples of it since the Unix epoch.</param>
/// <param name="Kept">How long a slot is kept after it was last written.</param>
public sealed record StatisticsTier(string Name, TimeSpan Length, TimeSpan Kept)
{
    /// <summary>For the windows of a minute and of five.</summary>
    public static StatisticsTier TenSeconds { get; } = new("10s", TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(10));

    /// <summary>For the window of an hour.</summary>
    public static StatisticsTier FiveMinutes { get; } = new("5m", TimeSpan.FromMinutes(5), TimeSpan.FromHours(2));

    /// <summary>For today.</summary>
    public static StatisticsTier Hour { get; } = new("1h", TimeSpan.FromHours(1), TimeSpan.FromHours(26));

    /// <summary>All of them: whatever happens is counted in each.</summary>
    public static IReadOnlyList<StatisticsTier> All { get; } = [TenSeconds, FiveMinutes, Hour];

    /// <summary>Number of the slot that a moment lies in.</summary>
    public long SlotOf(DateTimeOffset moment) => moment.ToUnixTimeMilliseconds() / (long)Length.TotalMilliseconds;

    /// <summary>When a slot begins.</summary>
    public DateTimeOffset BeginOf(long slot) => DateTimeOffset.FromUnixTimeMilliseconds(slot * (long)Length.TotalMilliseconds);
}
