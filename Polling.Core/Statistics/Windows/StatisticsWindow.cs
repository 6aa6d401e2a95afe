namespace Polling.Core.Statistics.Windows;

/// <summary>A stretch of time up to now that statistics are told of.</summary>
public enum StatisticsWindow
{
    /// <summary>The last minute.</summary>
    Minute,

    /// <summary>The last five minutes.</summary>
    FiveMinutes,

    /// <summary>The last hour.</summary>
    Hour,

    /// <summary>Since midnight of Asia/Shanghai.</summary>
    Today,
}

/// <summary>Names of the windows, and the slots that make them up.</summary>
public static class StatisticsWindows
{
    /// <summary>The names, for messages.</summary>
    public const string Names = "1m, 5m, 1h, today";

    // Without daylight saving since 1991; a day there begins with an hour of UTC.
    private static readonly TimeSpan Zone = TimeSpan.FromHours(8);

    /// <summary>All windows, the shortest first.</summary>
    public static IReadOnlyList<StatisticsWindow> All { get; } =
        [StatisticsWindow.Minute, StatisticsWindow.FiveMinutes, StatisticsWindow.Hour, StatisticsWindow.Today];

    /// <summary>As it is named in the API.</summary>
    public static string Name(this StatisticsWindow window) => window switch
    {
        StatisticsWindow.Minute => "1m",
        StatisticsWindow.FiveMinutes => "5m",
        StatisticsWindow.Hour => "1h",
        _ => "today",
    };

    /// <summary>The window of that name, or null.</summary>
    public static StatisticsWindow? Parse(string name)
    {
        foreach (var window in All)
        {
            if (window.Name() == name)
            {
                return window;
            }
        }

        return null;
    }

    /// <summary>
    /// The slots to add up, the one that is not over included. So a window is up to a slot longer than its name says (10 s of a minute,
    /// 5 minutes of an hour), and its true length is told with its figures; today's is exact.
    /// </summary>
    public static (StatisticsTier Tier, long First, long Last) Slots(this StatisticsWindow window, DateTimeOffset now)
    {
        var (tier, length) = window switch
        {
            StatisticsWindow.Minute => (StatisticsTier.TenSeconds, TimeSpan.FromMinutes(1)),
            StatisticsWindow.FiveMinutes => (StatisticsTier.TenSeconds, TimeSpan.FromMinutes(5)),
            StatisticsWindow.Hour => (StatisticsTier.FiveMinutes, TimeSpan.FromHours(1)),
            _ => (StatisticsTier.Hour, now.ToOffset(Zone).TimeOfDay),
        };
        return (tier, tier.SlotOf(now - length), tier.SlotOf(now));
    }
}
