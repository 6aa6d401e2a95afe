using Polling.Core.Queue.Lateness;
using Polling.Core.Statistics.Windows;

namespace Polling.AdminApi.Statistics;

/// <summary>How times are spread; percentiles are off by 9 % at most.</summary>
/// <param name="Count">How many times.</param>
/// <param name="P50Ms">Half of them are no longer; null = there are none.</param>
/// <param name="P95Ms">95 % of them.</param>
/// <param name="P99Ms">99 % of them.</param>
internal sealed record SpreadAnswer(long Count, double? P50Ms, double? P95Ms, double? P99Ms)
{
    public static SpreadAnswer Of(TimeSpread spread) => new(spread.Count, Round(spread.P50Ms), Round(spread.P95Ms), Round(spread.P99Ms));

    private static double? Round(double? ms) => ms is { } value ? Math.Round(value) : null;
}

/// <summary>What happened in a window. What a process that was killed had counted in its last second is not in it.</summary>
/// <param name="Window">1m, 5m, 1h, today.</param>
/// <param name="StartedAt">When it begins; up to 10 s (1m, 5m) or 5 minutes (1h) earlier than its name says.</param>
/// <param name="EndedAt">Now.</param>
/// <param name="Admitted">Cards admitted to the queue.</param>
/// <param name="Calls">Gateway calls that ended.</param>
/// <param name="RefusedCalls">Calls put off because the account's quota or circuit refused them at the moment of sending.</param>
/// <param name="Total">Checks ended.</param>
/// <param name="Success">Of these, successful ones.</param>
/// <param name="Failed">Of these, failed ones.</param>
/// <param name="SuccessRate">In per cent; null when nothing was checked.</param>
/// <param name="ChecksPerSecond">Throughput.</param>
/// <param name="AvgDurationMs">Mean of a check's duration; null when nothing was checked.</param>
/// <param name="Duration">How durations are spread.</param>
/// <param name="Lateness">From due time to call, of all cards asked.</param>
/// <param name="LatenessByCause">The same by cause: on_time, quota, permit, breaker, worker, backlog.</param>
/// <param name="Errors">The 20 most frequent codes of failed checks.</param>
internal sealed record WindowAnswer(
    string Window,
    DateTimeOffset StartedAt,
    DateTimeOffset EndedAt,
    long Admitted,
    long Calls,
    long RefusedCalls,
    long Total,
    long Success,
    long Failed,
    double? SuccessRate,
    double ChecksPerSecond,
    double? AvgDurationMs,
    SpreadAnswer Duration,
    SpreadAnswer Lateness,
    IReadOnlyDictionary<string, SpreadAnswer> LatenessByCause,
    IReadOnlyList<ErrorCountAnswer> Errors)
{
    private const int ErrorsMax = 20;

    public static WindowAnswer Of(WindowStatistics window) => new(
        window.Window.Name(), window.From, window.To, window.Admitted, window.Calls, window.Refused, window.Total, window.Success, window.Failed,
        window.SuccessRate, window.PerSecond, window.AvgDurationMs, SpreadAnswer.Of(window.Duration), SpreadAnswer.Of(window.Lateness),
        window.LatenessByCause.OrderBy(cause => cause.Key).ToDictionary(cause => cause.Key.Name(), cause => SpreadAnswer.Of(cause.Value)),
        [.. window.Errors.OrderByDescending(code => code.Value).Take(ErrorsMax).Select(code => new ErrorCountAnswer(code.Key, code.Value))]);
}

/// <summary>A code of failed checks.</summary>
/// <param name="Code">The carrier's, or one of ours: timeout, http_5xx, no_answer, no_value ...</param>
/// <param name="Count">Cards.</param>
internal sealed record ErrorCountAnswer(string Code, long Count);

/// <summary>An account, for one task type.</summary>
/// <param name="AccountId">Id of the account.</param>
/// <param name="Account">Its code.</param>
/// <param name="TaskType">realname, carddata or package.</param>
/// <param name="Scheduled">Cards in its schedule, due or not.</param>
/// <param name="Due">Of these, due ones.</param>
/// <param name="OldestDueAt">The oldest due time that still waits in the schedule; null = nothing is due.</param>
/// <param name="WaitsFor">What its due cards wait for: quota, breaker, permit, worker, backlog; null = nothing is due.</param>
/// <param name="Manual">Manual requests that wait for it.</param>
/// <param name="Statistics">What happened in the window.</param>
internal sealed record AccountStatisticsAnswer(
    int AccountId,
    string Account,
    string TaskType,
    long Scheduled,
    long Due,
    DateTimeOffset? OldestDueAt,
    string? WaitsFor,
    long Manual,
    WindowAnswer? Statistics);

/// <summary>A page of accounts, in the order of their ids.</summary>
internal sealed record AccountStatisticsPageAnswer(IReadOnlyList<AccountStatisticsAnswer> Items, long Total, int Page, int PageSize);
