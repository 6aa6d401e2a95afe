namespace Polling.Core.Configuration;

/// <summary>How many gateway calls of a task type may run at once. Table <c>tb_polling_concurrency_config</c>.</summary>
public sealed class ConcurrencyConfig
{
    public const int MaxConcurrencyDefault = 100;

    public const int MaxConcurrencyMax = 10_000;

    public int Id { get; set; }

    /// <summary>Unique: one row a task type.</summary>
    public TaskType TaskType { get; set; }

    /// <summary>1 to <see cref="MaxConcurrencyMax"/> permits.</summary>
    public int MaxConcurrency { get; set; } = MaxConcurrencyDefault;

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset UpdatedAt { get; set; }
}
