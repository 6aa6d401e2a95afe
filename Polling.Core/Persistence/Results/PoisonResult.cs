using Polling.Core.Configuration;

namespace Polling.Core.Persistence.Results;

/// <summary>A result that PostgreSQL refused for what it says, kept aside for an engineer. Table <c>tb_poison_result</c>.</summary>
public sealed class PoisonResult
{
    public long Id { get; set; }

    public TaskType TaskType { get; set; }

    /// <summary>The result as JSON; texts are cut to 1,000 characters, and what JSON in PostgreSQL cannot hold is replaced.</summary>
    public required string Payload { get; set; }

    /// <summary>PostgreSQL's words.</summary>
    public required string Reason { get; set; }

    public DateTimeOffset CreatedAt { get; set; }
}
