namespace Polling.Core.Cleanup;

/// <summary>A clean-up: asked for by the API or by a schedule, done by a scheduler. Table <c>tb_data_cleanup_run</c>.</summary>
/// <remarks>At most one is not finished (a unique index sees to it). What it has done is written in the transaction that does it, so it goes on after any crash.</remarks>
public sealed class CleanupRun
{
    public long Id { get; set; }

    public CleanupState State { get; set; }

    /// <summary>Whether a schedule asked for it.</summary>
    public bool IsScheduled { get; set; }

    public DateTimeOffset RequestedAt { get; set; }

    public DateTimeOffset? StartedAt { get; set; }

    public DateTimeOffset? CancelRequestedAt { get; set; }

    public DateTimeOffset? FinishedAt { get; set; }

    public List<CleanupStep> Steps { get; } = [];
}

/// <summary>What a run does by one configuration. Table <c>tb_data_cleanup_step</c>.</summary>
public sealed class CleanupStep
{
    public long RunId { get; set; }

    public int ConfigId { get; set; }

    public required string Dataset { get; set; }

    public CleanupState State { get; set; }

    /// <summary>What is older is removed; a configuration that keeps more meanwhile is heeded.</summary>
    public DateTimeOffset Cutoff { get; set; }

    /// <summary>Rows to remove, as counted at the start.</summary>
    public long Total { get; set; }

    /// <summary>Rows removed.</summary>
    public long Removed { get; set; }

    /// <summary>Partitions that were dropped whole.</summary>
    public string[] DroppedPartitions { get; set; } = [];

    /// <summary>Rows of the next transaction at most: half as many after one that took too long.</summary>
    public int BatchSize { get; set; }

    /// <summary>How far the walk through a partition has come: its name and the next block; null = at the beginning.</summary>
    public string? Cursor { get; set; }

    /// <summary>Why it was ended early, or null.</summary>
    public string? Reason { get; set; }

    public DateTimeOffset UpdatedAt { get; set; }

    public DateTimeOffset? FinishedAt { get; set; }
}

/// <summary>States of runs and steps. The numbers are stored: never change one.</summary>
public enum CleanupState : short
{
    Queued = 0,

    Running = 1,

    Done = 2,

    Cancelled = 3,
}
