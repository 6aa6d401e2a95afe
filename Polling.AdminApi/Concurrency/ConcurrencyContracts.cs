using System.ComponentModel.DataAnnotations;
using Polling.Core.Configuration;
using Polling.Core.Queue.Permits;

namespace Polling.AdminApi.Concurrency;

/// <summary>The permits of a task type.</summary>
/// <param name="TaskType">Task type.</param>
/// <param name="MaxConcurrency">The limit as it is saved.</param>
/// <param name="InForce">The limit that claims go by now; it follows the saved one within 2 s.</param>
/// <param name="Current">Gateway calls that hold a permit.</param>
/// <param name="Available">Permits that are free.</param>
/// <param name="UsePercent">Part of the limit in force that is held.</param>
/// <param name="UpdatedAt">When the limit was saved; null = never, it is the default.</param>
/// <param name="Problems">Why the saved limit cannot be used; empty = it can. (A restored table may hold anything: the limit in force stays.)</param>
internal sealed record ConcurrencyAnswer(
    string TaskType, int MaxConcurrency, int? InForce, long Current, long Available, double? UsePercent, DateTimeOffset? UpdatedAt,
    IReadOnlyList<string> Problems)
{
    public static ConcurrencyAnswer Of(TaskType type, IReadOnlyCollection<ConcurrencyConfig> rows, PermitUse use) =>
        Of(type, rows.FirstOrDefault(row => row.TaskType == type), use, ConcurrencyListAnswer.ProblemsOf(rows, type));

    private static ConcurrencyAnswer Of(TaskType type, ConcurrencyConfig? saved, PermitUse use, IReadOnlyList<string> problems) => new(
        type.Name(), saved?.MaxConcurrency ?? ConcurrencyConfig.MaxConcurrencyDefault, use.Allowed, use.Held,
        Math.Max(0, (use.Allowed ?? 0) - use.Held), use.Allowed is > 0 and { } allowed ? Math.Round(use.Held * 100.0 / allowed, 1) : null,
        saved?.UpdatedAt, problems);
}

/// <summary>The permits of all task types.</summary>
/// <param name="Items">Each task type.</param>
/// <param name="Problems">Saved rows that are of no task type.</param>
internal sealed record ConcurrencyListAnswer(IReadOnlyList<ConcurrencyAnswer> Items, IReadOnlyList<string> Problems)
{
    public static IReadOnlyList<string> ProblemsOf(IEnumerable<ConcurrencyConfig> rows, TaskType type) =>
        [.. ConcurrencyConfigCheck.Check(rows, type).Select(problem => problem.Message)];
}

/// <summary>A new limit: 1 to 10000 gateway calls of the task type at once.</summary>
internal sealed record ConcurrencyChange(
    [property: Range(1, ConcurrencyConfig.MaxConcurrencyMax)] int MaxConcurrency);

/// <summary>Which task type to reset.</summary>
internal sealed record ConcurrencyResetRequest(
    [property: AllowedValues("realname", "carddata", "package")] string TaskType);

/// <summary>What a reset did.</summary>
/// <param name="TaskType">Task type.</param>
/// <param name="Dropped">Permits that no running call held.</param>
/// <param name="Current">Permits held now.</param>
internal sealed record ConcurrencyResetAnswer(string TaskType, int Dropped, int Current);
