namespace Polling.Core.Alerts.Rules;

/// <summary>What a rule looks at.</summary>
/// <param name="Name">As in the table and the API.</param>
/// <param name="Title">In notices, Chinese.</param>
/// <param name="Unit">Unit of value and threshold.</param>
/// <param name="UnitText">The unit in notices, Chinese.</param>
/// <param name="HasTask">Whether it is measured for each task type; else it has one value.</param>
/// <param name="HasAccount">Whether it can be measured for one account.</param>
/// <param name="HasWindow">Whether it is measured over a window and counts samples; else it is the value of a moment.</param>
/// <param name="Comparison">What is meant when none is given.</param>
public sealed record AlertRuleType(
    string Name, string Title, string Unit, string UnitText, bool HasTask, bool HasAccount, bool HasWindow, string Comparison)
{
    private const long FewSamples = 10;

    public static readonly AlertRuleType QueueBacklog =
        new("queue_backlog", "队列积压", "cards", "张", true, false, false, AlertComparison.Greater);

    public static readonly AlertRuleType SuccessRate =
        new("success_rate", "成功率", "percent", "%", true, true, true, AlertComparison.Less) { MinSamplesDefault = FewSamples };

    public static readonly AlertRuleType AvgDuration =
        new("avg_duration", "平均耗时", "ms", "ms", true, true, true, AlertComparison.Greater) { MinSamplesDefault = FewSamples };

    public static readonly AlertRuleType ConcurrencyUsage =
        new("concurrency_usage", "并发使用率", "percent", "%", true, false, false, AlertComparison.Greater);

    public static readonly AlertRuleType Lateness =
        new("lateness", "轮询延迟", "seconds", "秒", true, true, true, AlertComparison.Greater);

    public static readonly AlertRuleType InitStalled =
        new("init_stalled", "初始化停滞", "seconds", "秒", false, false, false, AlertComparison.Greater);

    public static readonly AlertRuleType QuotaExhausted =
        new("quota_exhausted", "配额用尽", "accounts", "个账户", false, true, false, AlertComparison.Greater);

    public static readonly AlertRuleType BreakerOpen =
        new("breaker_open", "熔断", "accounts", "个账户", false, true, false, AlertComparison.Greater);

    public static readonly AlertRuleType Quarantine =
        new("quarantine", "隔离卡数", "cards", "张", true, false, false, AlertComparison.Greater);

    public static readonly AlertRuleType SuspensionBreaker =
        new("suspension_breaker", "停机熔断", "accounts", "个账户", false, true, false, AlertComparison.Greater);

    /// <summary>Found by the admin API: schedulers cannot tell that they are gone.</summary>
    public static readonly AlertRuleType SchedulerAbsent =
        new("scheduler_absent", "调度器失联", "seconds", "秒", false, false, false, AlertComparison.Greater);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<AlertRuleType> All { get; } =
    [
        QueueBacklog, SuccessRate, AvgDuration, ConcurrencyUsage, Lateness, InitStalled, QuotaExhausted, BreakerOpen, Quarantine,
        SuspensionBreaker, SchedulerAbsent,
    ];

    /// <summary>For messages.</summary>
    public static string Names { get; } = string.Join(", ", All.Select(type => type.Name));

    /// <summary>What <see cref="AlertRule.MinSamples"/> is when none is given.</summary>
    public long MinSamplesDefault { get; init; }

    /// <summary>The type of that name, or null.</summary>
    public static AlertRuleType? Find(string? name) => All.FirstOrDefault(type => type.Name == name);
}
