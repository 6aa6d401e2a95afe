namespace Polling.Core.Cleanup;

/// <summary>How long a kind of data is kept, and when the rest is removed. Table <c>tb_data_cleanup_config</c>.</summary>
/// <remarks>Operators dump the table and restore it on its own: it has no foreign keys, and what it holds is checked before it is used (<see cref="CleanupConfigCheck"/>).</remarks>
public sealed class CleanupConfig
{
    public const int NameLengthMax = 100;

    /// <summary>A day is the least: what was written today may still be needed for today's figures.</summary>
    public const int RetentionDaysMin = 1;

    /// <summary>Ten years.</summary>
    public const int RetentionDaysMax = 3650;

    public const int BatchSizeDefault = 10_000;

    public const int BatchSizeMin = 100;

    public const int BatchSizeMax = 100_000;

    public int Id { get; set; }

    public required string Name { get; set; }

    /// <summary>Name of a <see cref="CleanupDataset"/>.</summary>
    public required string Dataset { get; set; }

    /// <summary>Data older than so many days of 24 hours is removed.</summary>
    public int RetentionDays { get; set; }

    /// <summary>Rows of one transaction at most.</summary>
    public int BatchSize { get; set; } = BatchSizeDefault;

    /// <summary>When it runs by itself: five cron fields, in Asia/Shanghai; null = only when it is triggered.</summary>
    public string? Schedule { get; set; }

    public bool IsEnabled { get; set; } = true;

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset UpdatedAt { get; set; }
}

/// <summary>A kind of data that can be removed when it is old.</summary>
/// <param name="Name">As in the table and the API.</param>
/// <param name="Table">Where it is.</param>
/// <param name="TimeColumn">What tells its age; null there = it is not over and is kept.</param>
/// <param name="RetentionDaysMin">It is kept at least so long.</param>
/// <param name="IsWalked">The table, or each of its partitions, is read once from end to end: an index by time would cost each poll.</param>
public sealed record CleanupDataset(
    string Name, string Table, string TimeColumn, int RetentionDaysMin = CleanupConfig.RetentionDaysMin, bool IsWalked = false)
{
    /// <summary>Usage readings, in partitions by month.</summary>
    public static CleanupDataset UsageRecord { get; } = new("usage_record", "tb_usage_record", "scheduled_at", IsWalked: true);

    /// <summary>What cards used on a day, in partitions by month.</summary>
    public static CleanupDataset UsageDaily { get; } = new("usage_daily", "tb_usage_daily", "day", IsWalked: true);

    /// <summary>Billing cycles that are closed. The last one is still looked at, and late readings may come.</summary>
    public static CleanupDataset UsageCycle { get; } = new("usage_cycle", "tb_usage_cycle", "closed_at", RetentionDaysMin: 62, IsWalked: true);

    /// <summary>What alerts fired, with its notices; what still fires is kept.</summary>
    public static CleanupDataset AlertHistory { get; } = new("alert_history", "tb_polling_alert_history", "resolved_at");

    /// <summary>Manual triggers that have ended, with their cards.</summary>
    public static CleanupDataset ManualTrigger { get; } = new("manual_trigger", "tb_polling_manual_trigger", "finished_at");

    /// <summary>Clean-up runs that have ended.</summary>
    public static CleanupDataset CleanupLog { get; } = new("cleanup_log", "tb_data_cleanup_run", "finished_at");

    /// <summary>Who changed what. Nobody is to remove what he has just done.</summary>
    public static CleanupDataset AuditLog { get; } = new("audit_log", "tb_audit_log", "at", RetentionDaysMin: 30);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<CleanupDataset> All { get; } = [UsageRecord, UsageDaily, UsageCycle, AlertHistory, ManualTrigger, CleanupLog, AuditLog];

    /// <summary>For messages.</summary>
    public static string Names { get; } = string.Join(", ", All.Select(dataset => dataset.Name));

    /// <summary>The dataset of that name, or null.</summary>
    public static CleanupDataset? Find(string? name) => All.FirstOrDefault(dataset => dataset.Name == name);
}
