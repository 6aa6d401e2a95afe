using System.Globalization;
using Polling.Core.Cards;

namespace Polling.Core.Configuration;

/// <summary>Whether a row of <c>tb_polling_config</c> can be used: a table that was restored may hold anything.</summary>
public static class PollingConfigCheck
{
    /// <summary>Every broken rule; empty = it can be used.</summary>
    public static IReadOnlyList<ConfigProblem> Check(PollingConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        var problems = new List<ConfigProblem>();
        if (config.TaskType == TaskTypes.None)
        {
            problems.Add(new("task_type", "none", $"one of {TaskTypes.Names}"));
        }

        Range("interval_seconds", config.IntervalSeconds, PollingConfig.IntervalSecondsMin, PollingConfig.IntervalSecondsMax);
        Range("priority", config.Priority, 0, PollingConfig.PriorityMax);
        Range("status", (int)config.Status, (int)ConfigStatus.Off, (int)ConfigStatus.On);
        Range("card_status", (int?)config.CardStatus, 0, (int)CardStatus.Terminated);
        Range("real_name_status", (int?)config.RealNameStatus, (int)RealNameStatus.NotRealNamed, (int)RealNameStatus.RealNamed);
        Range("package_id", config.PackageId, 1, PollingConfig.PackageIdMax);
        return problems;

        void Range(string field, int? value, int min, int max)
        {
            if (value < min || value > max)
            {
                problems.Add(new(field, value.Value.ToString(CultureInfo.InvariantCulture), $"an integer from {min} to {max}"));
            }
        }
    }
}
