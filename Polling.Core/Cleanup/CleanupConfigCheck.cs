using System.Globalization;
using Cronos;

namespace Polling.Core.Cleanup;

/// <summary>A field of a configuration that cannot be used.</summary>
/// <param name="Field">Its name as in the API and the table.</param>
/// <param name="Value">What it is.</param>
/// <param name="Rule">What would be right.</param>
public readonly record struct CleanupProblem(string Field, string Value, string Rule)
{
    /// <summary>For a person.</summary>
    public string Message => $"{Field} is '{Value}'; it must be {Rule}";
}

/// <summary>What a clean-up configuration may be. The API asks before it saves one, schedulers before they use one: a restored table may hold anything.</summary>
public static class CleanupConfigCheck
{
    /// <summary>For messages.</summary>
    public const string ScheduleRule = "five cron fields (minute, hour, day, month, weekday) such as '0 3 * * *', or null";

    private const int ScheduleLengthMax = 100;
    private static readonly TimeZoneInfo Zone = TimeZoneInfo.CreateCustomTimeZone("UTC+8", TimeSpan.FromHours(8), "UTC+8", "UTC+8");

    /// <summary>Every broken rule; empty = it can be used.</summary>
    public static IReadOnlyList<CleanupProblem> Check(CleanupConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        var problems = new List<CleanupProblem>();
        Require(config.Name.Trim().Length is > 0 and <= CleanupConfig.NameLengthMax, "name", config.Name, $"1 to {CleanupConfig.NameLengthMax} characters");
        var dataset = CleanupDataset.Find(config.Dataset);
        Require(dataset is not null, "dataset", config.Dataset, $"one of {CleanupDataset.Names}");
        Range("retention_days", config.RetentionDays, dataset?.RetentionDaysMin ?? CleanupConfig.RetentionDaysMin, CleanupConfig.RetentionDaysMax);
        Range("batch_size", config.BatchSize, CleanupConfig.BatchSizeMin, CleanupConfig.BatchSizeMax);
        Require(config.Schedule is null || Parse(config.Schedule) is not null, "schedule", $"{config.Schedule}", ScheduleRule);
        return problems;

        void Range(string field, int value, int min, int max) =>
            Require(value >= min && value <= max, field, value.ToString(CultureInfo.InvariantCulture), $"an integer from {min} to {max}");

        void Require(bool holds, string field, string value, string rule)
        {
            if (!holds)
            {
                problems.Add(new(field, value, rule));
            }
        }
    }

    /// <summary>The latest time at or before <paramref name="now"/> and after <paramref name="last"/> that the schedule names, or null.</summary>
    public static DateTimeOffset? LatestDue(string schedule, DateTimeOffset last, DateTimeOffset now) =>
        Parse(schedule)?.GetOccurrences(last, now, Zone, fromInclusive: false, toInclusive: true).Select(time => (DateTimeOffset?)time).LastOrDefault();

    /// <summary>When it runs next, or null: never.</summary>
    public static DateTimeOffset? Next(string schedule, DateTimeOffset now) => Parse(schedule)?.GetNextOccurrence(now, Zone);

    private static CronExpression? Parse(string schedule) =>
        schedule.Length <= ScheduleLengthMax && CronExpression.TryParse(schedule, out var cron) ? cron : null;
}
