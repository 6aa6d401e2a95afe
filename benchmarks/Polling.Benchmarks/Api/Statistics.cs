namespace Polling.Benchmarks.Api;

/// <summary>What <c>polling-stats</c> answers, as far as the kit reads it.</summary>
internal sealed record Overview(IReadOnlyList<QueueFigures> Queues, IReadOnlyList<TaskFigures> Tasks, Initialisation Initialisation);

internal sealed record QueueFigures(
    string TaskType, long QueueLength, long ManualLength, long DueTotal, long Leased, long Scheduled, IReadOnlyDictionary<string, long> DueByCause);

internal sealed record TaskFigures(
    string TaskType, long Total, double? SuccessRate, double? AvgDurationMs, long ConcurrencyCurrent, long? ConcurrencyMax, IReadOnlyList<WindowFigures> Windows)
{
    /// <summary>The last minute.</summary>
    public WindowFigures? Minute => Windows.FirstOrDefault(window => window.Window == "1m");
}

internal sealed record WindowFigures(
    string Window, DateTimeOffset StartedAt, DateTimeOffset EndedAt, long Admitted, long Calls, long RefusedCalls, long Total, long Success, long Failed, double? SuccessRate,
    double ChecksPerSecond, Spread Duration, Spread Lateness, IReadOnlyDictionary<string, Spread> LatenessByCause, IReadOnlyList<ErrorCount> Errors);

internal sealed record Spread(long Count, double? P50Ms, double? P95Ms, double? P99Ms);

internal sealed record ErrorCount(string Code, long Count);

internal sealed record Initialisation(string State, long Total, long Loaded, double? Percent, long Batch, DateTimeOffset? StartedAt, DateTimeOffset? UpdatedAt, DateTimeOffset? FinishedAt)
{
    /// <summary>Cards loaded a second, from its start; null = it has not begun or is over at once.</summary>
    public double? CardsPerSecond => StartedAt is { } started && (FinishedAt ?? UpdatedAt) is { } now && now > started ? Loaded / (now - started).TotalSeconds : null;

    /// <summary>How long it will still take at that rate, s; null = it is not running, or nobody knows.</summary>
    public double? EtaSeconds => FinishedAt is null && CardsPerSecond is > 0 and { } rate ? Math.Max(0, Total - Loaded) / rate : null;
}

internal sealed record AccountPage(IReadOnlyList<AccountFigures> Items, long Total);

internal sealed record AccountFigures(
    int AccountId, string Account, string TaskType, long Scheduled, long Due, string? WaitsFor, long Manual, WindowFigures? Statistics);
