using System.Globalization;

namespace Polling.Core.Configuration;

/// <summary>Whether the rows of <c>tb_polling_concurrency_config</c> can be used: a table that was restored may hold anything.</summary>
public static class ConcurrencyConfigCheck
{
    /// <summary>Every broken rule of the rows of a task type; empty = they can be used, or there is none.</summary>
    /// <param name="rows">All rows.</param>
    /// <param name="type">A task type, or <see cref="TaskTypes.None"/> for the rows that are of none.</param>
    public static IReadOnlyList<ConfigProblem> Check(IEnumerable<ConcurrencyConfig> rows, TaskType type)
    {
        var own = rows.Where(row => row.TaskType == type).OrderBy(row => row.Id).ToArray();
        var problems = new List<ConfigProblem>();
        if (type == TaskTypes.None)
        {
            problems.AddRange(own.Select(row => new ConfigProblem(Of("task_type", row), "none", $"one of {TaskTypes.Names}")));
        }
        else if (own.Length > 1)
        {
            problems.Add(new("task_type", $"{type.Name()} in the rows {string.Join(", ", own.Select(row => row.Id))}", "in one row"));
        }

        problems.AddRange(own.Where(row => row.MaxConcurrency is < 1 or > ConcurrencyConfig.MaxConcurrencyMax).Select(row => new ConfigProblem(
            Of("max_concurrency", row), row.MaxConcurrency.ToString(CultureInfo.InvariantCulture), $"an integer from 1 to {ConcurrencyConfig.MaxConcurrencyMax}")));
        return problems;
    }

    private static string Of(string field, ConcurrencyConfig row) => string.Create(CultureInfo.InvariantCulture, $"{field} of row {row.Id}");
}
