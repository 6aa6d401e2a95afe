using System.ComponentModel.DataAnnotations;
using Polling.Core.Cleanup;

namespace Polling.AdminApi.Cleanup;

/// <summary>How long a kind of data is kept.</summary>
/// <param name="Id">Id.</param>
/// <param name="Name">For people.</param>
/// <param name="Dataset">usage_record, alert_history, manual_trigger, cleanup_log, audit_log.</param>
/// <param name="RetentionDays">Data older than so many days is removed.</param>
/// <param name="BatchSize">Rows of one transaction at most.</param>
/// <param name="Schedule">Five cron fields, in Asia/Shanghai; null = only when it is triggered.</param>
/// <param name="IsEnabled">Whether it is used.</param>
/// <param name="NextRunAt">When its schedule comes next, or null.</param>
/// <param name="Problems">Why it cannot be used; empty = it can. (A restored table may hold anything.)</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="UpdatedAt">When it was last changed.</param>
internal sealed record CleanupConfigAnswer(
    int Id,
    string Name,
    string Dataset,
    int RetentionDays,
    int BatchSize,
    string? Schedule,
    bool IsEnabled,
    DateTimeOffset? NextRunAt,
    IReadOnlyList<string> Problems,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt)
{
    public static CleanupConfigAnswer Of(CleanupConfig config, DateTimeOffset now)
    {
        var problems = CleanupConfigCheck.Check(config).Select(problem => problem.Message).ToArray();
        return new CleanupConfigAnswer(
            config.Id, config.Name, config.Dataset, config.RetentionDays, config.BatchSize, config.Schedule, config.IsEnabled,
            config is { IsEnabled: true, Schedule: { } schedule } && problems.Length == 0 ? CleanupConfigCheck.Next(schedule, now) : null, problems,
            config.CreatedAt, config.UpdatedAt);
    }
}

/// <summary>All configurations, in the order of their ids; there are few.</summary>
internal sealed record CleanupConfigListAnswer(IReadOnlyList<CleanupConfigAnswer> Items, int Total);

/// <summary>What may be sent of a configuration; what an update leaves out keeps its value.</summary>
/// <param name="Name">1 to 100 characters.</param>
/// <param name="Dataset">usage_record, alert_history, manual_trigger, cleanup_log, audit_log.</param>
/// <param name="RetentionDays">1 to 3650.</param>
/// <param name="BatchSize">100 to 100000, default 10000.</param>
/// <param name="Schedule">Five cron fields, in Asia/Shanghai; null = only when it is triggered.</param>
/// <param name="IsEnabled">Default true.</param>
internal sealed record CleanupConfigChange(
    [property: StringLength(CleanupConfig.NameLengthMax, MinimumLength = 1)] string? Name,
    [property: AllowedValues("usage_record", "alert_history", "manual_trigger", "cleanup_log", "audit_log")] string? Dataset,
    [property: Range(CleanupConfig.RetentionDaysMin, CleanupConfig.RetentionDaysMax)] int? RetentionDays,
    [property: Range(CleanupConfig.BatchSizeMin, CleanupConfig.BatchSizeMax)] int? BatchSize,
    string? Schedule,
    bool? IsEnabled);

/// <summary>Which configurations a run goes by.</summary>
/// <param name="ConfigIds">1 to 100 ids of configurations that are switched on; left out = all that are.</param>
internal sealed record CleanupRequest([property: MinLength(1), MaxLength(CleanupEndpoints.ConfigsMax)] IReadOnlyList<int>? ConfigIds);

/// <summary>What a run would remove now.</summary>
/// <param name="Items">For each configuration that is in use.</param>
/// <param name="TotalRows">Rows in all.</param>
internal sealed record CleanupPreviewAnswer(IReadOnlyList<CleanupPreviewItem> Items, long TotalRows);

/// <summary>What a run would remove by one configuration.</summary>
/// <param name="ConfigId">The configuration.</param>
/// <param name="Dataset">Its dataset.</param>
/// <param name="RetentionDays">How long it keeps data.</param>
/// <param name="Cutoff">What is older goes.</param>
/// <param name="Rows">Rows that would go, exactly (of manual triggers: triggers; their cards go with them).</param>
/// <param name="DropPartitions">Partitions that would be dropped whole.</param>
/// <param name="DropRows">Rows in them; the rest goes in batches.</param>
internal sealed record CleanupPreviewItem(
    int ConfigId, string Dataset, int RetentionDays, DateTimeOffset Cutoff, long Rows, IReadOnlyList<string> DropPartitions, long DropRows);

/// <summary>A run.</summary>
/// <param name="RunId">Its id; null = there was never one.</param>
/// <param name="State">idle, queued, running, cancelling, done, cancelled.</param>
/// <param name="IsScheduled">Whether a schedule asked for it.</param>
/// <param name="Removed">Rows removed.</param>
/// <param name="Total">Rows to remove, of the steps that have begun.</param>
/// <param name="Steps">One for each configuration.</param>
/// <param name="RequestedAt">When it was asked for.</param>
/// <param name="StartedAt">When a scheduler took it up, or null.</param>
/// <param name="FinishedAt">When it ended, or null.</param>
internal sealed record CleanupRunAnswer(
    long? RunId,
    string State,
    bool IsScheduled,
    long Removed,
    long Total,
    IReadOnlyList<CleanupStepAnswer> Steps,
    DateTimeOffset? RequestedAt,
    DateTimeOffset? StartedAt,
    DateTimeOffset? FinishedAt)
{
    public static CleanupRunAnswer None { get; } = new(null, "idle", false, 0, 0, [], null, null, null);

    public static CleanupRunAnswer Of(CleanupRun run) => new(
        run.Id, run is { FinishedAt: null, CancelRequestedAt: not null } ? "cancelling" : CleanupStepAnswer.Name(run.State), run.IsScheduled,
        run.Steps.Sum(step => step.Removed), run.Steps.Sum(step => step.Total), [.. run.Steps.OrderBy(step => step.ConfigId).Select(CleanupStepAnswer.Of)],
        run.RequestedAt, run.StartedAt, run.FinishedAt);
}

/// <summary>What a run does by one configuration.</summary>
/// <param name="ConfigId">The configuration.</param>
/// <param name="Dataset">Its dataset.</param>
/// <param name="State">queued, running, done, cancelled.</param>
/// <param name="Cutoff">What is older is removed.</param>
/// <param name="Removed">Rows removed.</param>
/// <param name="Total">Rows to remove, as counted at its start.</param>
/// <param name="DroppedPartitions">Partitions dropped whole.</param>
/// <param name="BatchSize">Rows of the next transaction at most.</param>
/// <param name="Reason">Why it ended early, or null.</param>
/// <param name="UpdatedAt">When it last got on.</param>
/// <param name="FinishedAt">When it ended, or null.</param>
internal sealed record CleanupStepAnswer(
    int ConfigId,
    string Dataset,
    string State,
    DateTimeOffset Cutoff,
    long Removed,
    long Total,
    IReadOnlyList<string> DroppedPartitions,
    int BatchSize,
    string? Reason,
    DateTimeOffset UpdatedAt,
    DateTimeOffset? FinishedAt)
{
    public static CleanupStepAnswer Of(CleanupStep step) => new(
        step.ConfigId, step.Dataset, Name(step.State), step.Cutoff, step.Removed, step.Total, step.DroppedPartitions, step.BatchSize, step.Reason,
        step.UpdatedAt, step.FinishedAt);

    public static string Name(CleanupState state) => state switch
    {
        CleanupState.Queued => "queued",
        CleanupState.Running => "running",
        CleanupState.Done => "done",
        _ => "cancelled",
    };
}

/// <summary>A page of runs, the newest first.</summary>
internal sealed record CleanupRunPageAnswer(IReadOnlyList<CleanupRunAnswer> Items, long Total, int Page, int PageSize);
