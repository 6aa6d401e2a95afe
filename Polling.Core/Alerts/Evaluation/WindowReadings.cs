using Polling.Core.Alerts.Rules;
using Polling.Core.Configuration;
using Polling.Core.Statistics;
using Polling.Core.Statistics.Windows;

namespace Polling.Core.Alerts.Evaluation;

/// <summary>A window that some rule looks at.</summary>
/// <param name="TaskType">Task type.</param>
/// <param name="Seconds">One of <see cref="AlertRuleCheck.Windows"/>.</param>
/// <param name="OfAccounts">Whether it is told for each account.</param>
public readonly record struct WindowKey(TaskType TaskType, int Seconds, bool OfAccounts);

/// <summary>What rules want to know of the windows of <see cref="WindowStatisticsReader"/>.</summary>
public sealed class WindowReadings(WindowStatisticsReader reader)
{
    private const int NoAccount = 0;

    /// <summary>The windows, each read once: account (0 = the whole task type) → what happened.</summary>
    public async Task<IReadOnlyDictionary<WindowKey, IReadOnlyDictionary<int, WindowStatistics>>> ReadAsync(IEnumerable<WindowKey> keys)
    {
        var all = await Task.WhenAll(keys.Select(async key => (key, await ReadAsync(key))));
        return all.ToDictionary(pair => pair.key, pair => pair.Item2);
    }

    /// <summary>The reading of a rule type.</summary>
    /// <param name="type">A type that has a window.</param>
    /// <param name="accountId">The account that is looked at; null = all together.</param>
    /// <param name="task">Figures of the moment.</param>
    /// <param name="window">What happened, from <see cref="ReadAsync(IEnumerable{WindowKey})"/>.</param>
    /// <param name="subject">Name of the task type.</param>
    internal static AlertReading Of(
        AlertRuleType type, int? accountId, TaskStatistics? task, IReadOnlyDictionary<int, WindowStatistics> window, string subject)
    {
        var happened = window.GetValueOrDefault(accountId ?? NoAccount);
        var total = happened?.Total ?? 0;
        if (type != AlertRuleType.Lateness)
        {
            return new(subject, type == AlertRuleType.SuccessRate ? happened?.SuccessRate : happened?.AvgDurationMs, total);
        }

        // When nothing at all was asked, how late it is shows only in what still waits.
        var asked = happened?.Lateness.Count ?? 0;
        return asked > 0 ? new(subject, Math.Round(happened!.Lateness.P95Ms!.Value / 1000, 1), asked)
            : new(subject, accountId is null && task is not null ? OldestSeconds(task) : null);
    }

    // Both times are Redis'.
    private static double? OldestSeconds(TaskStatistics task) =>
        task.Moment("updated_at_ms") is not { } updated ? null
        : task.Moment("oldest_due_ms") is { } oldest ? Math.Round(Math.Max(0, (updated - oldest).TotalSeconds), 1)
        : 0;

    private async Task<IReadOnlyDictionary<int, WindowStatistics>> ReadAsync(WindowKey key)
    {
        var window = key.Seconds switch
        {
            60 => StatisticsWindow.Minute,
            300 => StatisticsWindow.FiveMinutes,
            _ => StatisticsWindow.Hour,
        };
        return key.OfAccounts
            ? await reader.ReadAccountsAsync(key.TaskType, window)
            : new Dictionary<int, WindowStatistics> { [NoAccount] = await reader.ReadAsync(key.TaskType, window) };
    }
}
