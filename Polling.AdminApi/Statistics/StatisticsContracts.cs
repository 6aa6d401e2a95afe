using Polling.Core.Configuration;
using Polling.Core.Queue.Lateness;
using Polling.Core.Statistics;

namespace Polling.AdminApi.Statistics;

/// <summary>Everything at a glance; sums go over the task types.</summary>
internal sealed record OverviewAnswer(
    long QueueLength,
    long DueTotal,
    long Total,
    long Success,
    long Failed,
    double? SuccessRate,
    IReadOnlyList<QueueAnswer> Queues,
    IReadOnlyList<TaskAnswer> Tasks,
    InitialisationAnswer Initialisation)
{
    public static OverviewAnswer Of(IReadOnlyList<TaskStatistics> statistics, IReadOnlyList<TaskAnswer> tasks, InitialisationAnswer initialisation)
    {
        QueueAnswer[] queues = [.. statistics.Select(QueueAnswer.Of)];
        var total = tasks.Sum(task => task.Total);
        var success = tasks.Sum(task => task.Success);
        return new OverviewAnswer(
            queues.Sum(queue => queue.QueueLength),
            queues.Sum(queue => queue.DueTotal),
            total,
            success,
            tasks.Sum(task => task.Failed),
            total == 0 ? null : Math.Round(success * 100.0 / total, 2),
            queues,
            tasks,
            initialisation);
    }
}

/// <summary>What waits.</summary>
/// <param name="TaskType">realname, carddata or package.</param>
/// <param name="QueueLength">Cards admitted and claimed by nobody.</param>
/// <param name="ManualLength">Manual requests that wait.</param>
/// <param name="DueTotal">Cards due and not done, whatever they wait for.</param>
/// <param name="Leased">Cards that an executor is working on.</param>
/// <param name="Scheduled">Cards in the schedule, due or not.</param>
/// <param name="DueByCause">What the due cards in the schedules wait for: quota, breaker, permit, worker, backlog (their turn).</param>
/// <param name="OldestDueAt">The oldest due time that is not served yet; null = nothing is due.</param>
/// <param name="UpdatedAt">When the figures were taken; null = no scheduler has written any.</param>
internal sealed record QueueAnswer(
    string TaskType,
    long QueueLength,
    long ManualLength,
    long DueTotal,
    long Leased,
    long Scheduled,
    IReadOnlyDictionary<string, long> DueByCause,
    DateTimeOffset? OldestDueAt,
    DateTimeOffset? UpdatedAt)
{
    private static readonly string[] Causes =
        [.. Enum.GetValues<LatenessCause>().Where(cause => cause != LatenessCause.OnTime).Select(cause => cause.Name())];

    public static QueueAnswer Of(TaskStatistics statistics) => new(
        statistics.TaskType.Name(),
        statistics.QueueLength,
        statistics.ManualLength,
        (long)(statistics.Number("due_total") ?? 0),
        (long)(statistics.Number("leased") ?? 0),
        (long)(statistics.Number("scheduled") ?? 0),
        Causes.ToDictionary(cause => cause, cause => (long)(statistics.Number($"due_{cause}") ?? 0)),
        statistics.Moment("oldest_due_ms"),
        statistics.Moment("updated_at_ms"));
}

/// <summary>What was done within the window, and the permits in use now.</summary>
/// <param name="TaskType">realname, carddata or package.</param>
/// <param name="Total">Checks ended in the window.</param>
/// <param name="Success">Of these, successful ones.</param>
/// <param name="Failed">Of these, failed ones.</param>
/// <param name="SuccessRate">In per cent; null when nothing was checked.</param>
/// <param name="AvgDurationMs">Of one task; null when nothing was checked.</param>
/// <param name="ConcurrencyCurrent">Permits held.</param>
/// <param name="ConcurrencyMax">Permits allowed; null = not published yet.</param>
/// <param name="ConcurrencyUse">In per cent; null when unknown.</param>
/// <param name="WindowSeconds">The window's length; null = no scheduler has written figures.</param>
/// <param name="WindowStartedAt">The window's begin.</param>
/// <param name="UpdatedAt">When the figures were taken.</param>
/// <param name="Windows">More of it, for the last minute, 5 minutes, hour, and today.</param>
internal sealed record TaskAnswer(
    string TaskType,
    long Total,
    long Success,
    long Failed,
    double? SuccessRate,
    double? AvgDurationMs,
    long ConcurrencyCurrent,
    long? ConcurrencyMax,
    double? ConcurrencyUse,
    long? WindowSeconds,
    DateTimeOffset? WindowStartedAt,
    DateTimeOffset? UpdatedAt,
    IReadOnlyList<WindowAnswer> Windows)
{
    public static TaskAnswer Of(TaskStatistics statistics, IReadOnlyList<WindowAnswer> windows) => new(
        statistics.TaskType.Name(),
        (long)(statistics.Number("total") ?? 0),
        (long)(statistics.Number("success") ?? 0),
        (long)(statistics.Number("failed") ?? 0),
        statistics.Number("success_rate"),
        statistics.Number("avg_duration_ms"),
        statistics.ConcurrencyCurrent,
        statistics.ConcurrencyMax,
        statistics.ConcurrencyMax is > 0 and var max ? Math.Round(statistics.ConcurrencyCurrent * 100.0 / max, 1) : null,
        (long?)statistics.Number("window_seconds"),
        statistics.Moment("window_started_at_ms"),
        statistics.Moment("updated_at_ms"),
        windows);
}

/// <summary>The progress of the initialisation; state is <c>not_started</c> before the first.</summary>
/// <param name="State">As the scheduler writes it.</param>
/// <param name="Total">Cards to load.</param>
/// <param name="Loaded">Cards loaded.</param>
/// <param name="Percent">Loaded of total; null while the total is unknown.</param>
/// <param name="Batch">The last batch, from 1.</param>
/// <param name="StartedAt">ISO 8601; null = not yet.</param>
/// <param name="UpdatedAt">ISO 8601; null = not yet.</param>
/// <param name="FinishedAt">ISO 8601; null = not yet.</param>
internal sealed record InitialisationAnswer(
    string State, long Total, long Loaded, double? Percent, long Batch, string? StartedAt, string? UpdatedAt, string? FinishedAt)
{
    public static InitialisationAnswer Of(IReadOnlyDictionary<string, string> progress)
    {
        var total = Number("total");
        var loaded = Number("loaded");
        return new InitialisationAnswer(
            Text("state") ?? "not_started",
            total,
            loaded,
            total == 0 ? null : Math.Round(Math.Min(100.0, loaded * 100.0 / total), 1),
            Number("batch"),
            Text("started_at"),
            Text("updated_at"),
            Text("finished_at"));

        string? Text(string name) => progress.TryGetValue(name, out var text) && text.Length > 0 ? text : null;
        long Number(string name) => long.TryParse(Text(name), out var number) ? number : 0;
    }
}

internal sealed record QueuesAnswer(IReadOnlyList<QueueAnswer> Queues);

internal sealed record TasksAnswer(IReadOnlyList<TaskAnswer> Tasks);
