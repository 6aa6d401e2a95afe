using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Npgsql;
using Polling.Core.Configuration;
using Polling.Core.Persistence;
using Polling.Core.Persistence.Migrations;

namespace Polling.Core.Queue.Configuration;

/// <summary>What the configuration tables say.</summary>
/// <param name="Configs">The intervals.</param>
/// <param name="RefusedConfigs">Rows of <c>tb_polling_config</c> that cannot be used.</param>
/// <param name="Permits">The limits of permits, of task types whose rows can be used.</param>
internal sealed record TableContents(PollingConfigSet Configs, IReadOnlyCollection<int> RefusedConfigs, IReadOnlyDictionary<TaskType, int> Permits);

/// <summary>
/// Reads the tables that operators drop and restore while the system runs. While a table is missing, cannot be read, or is empty for a moment,
/// what was in force stays; and so does what was in force of a row that holds nonsense. What is refused is reported once.
/// </summary>
internal sealed partial class TableReader(ILogger logger)
{
    // An empty table means no polling; for a moment it means that a restore is under way.
    private static readonly TimeSpan EmptyFor = TimeSpan.FromSeconds(5);
    private long? _emptySince;
    private string _reported = "";

    /// <summary>Null: what was in force stays.</summary>
    public async Task<TableContents?> ReadAsync(PollingDbContext context, CancellationToken cancellation)
    {
        try
        {
            var configs = await context.PollingConfigs.AsNoTracking().ToArrayAsync(cancellation);
            var concurrency = await context.ConcurrencyConfigs.AsNoTracking().ToArrayAsync(cancellation);
            if (configs.Length > 0 && concurrency.Length > 0)
            {
                _emptySince = null;
                return Check(configs, concurrency);
            }

            _emptySince ??= Stopwatch.GetTimestamp();
            return Stopwatch.GetElapsedTime(_emptySince.Value) < EmptyFor ? null : Check(configs, concurrency);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            if (_emptySince is null)
            {
                LogMissing(logger, e.MessageText);
            }

            _emptySince = Stopwatch.GetTimestamp();
            return null;
        }
        catch (Exception e) when (e is PostgresException { SqlState: PostgresErrorCodes.UndefinedColumn } or InvalidCastException)
        {
            // A restored table lacks a column, has one of another type, or nothing where there must be something.
            Report(e.Message);
            if (e.Message.Contains("adaptive_", StringComparison.Ordinal))
            {
                // Restored from a dump of before these columns: null in them means what there was then.
                await context.Database.ExecuteSqlRawAsync(ConfigurationTables.AdaptiveColumns, cancellation);
            }

            return null;
        }
    }

    private TableContents Check(PollingConfig[] configs, ConcurrencyConfig[] concurrency)
    {
        var refused = configs.Select(config => (config.Id, Problems: PollingConfigCheck.Check(config))).Where(row => row.Problems.Count > 0).ToArray();
        var limits = TaskTypes.All.Append(TaskTypes.None).ToDictionary(type => type, type => ConcurrencyConfigCheck.Check(concurrency, type));
        Report(string.Join("; ",
        [
            .. refused.Select(row => $"tb_polling_config, row {row.Id}: {string.Join(", ", row.Problems.Select(p => p.Message))}"),
            .. limits.Values.SelectMany(problems => problems).Select(problem => $"tb_polling_concurrency_config: {problem.Message}"),
        ]));
        return new TableContents(
            new PollingConfigSet(configs), [.. refused.Select(row => row.Id)],
            TaskTypes.All.Where(type => limits[type].Count == 0).ToDictionary(
                type => type, type => concurrency.FirstOrDefault(c => c.TaskType == type)?.MaxConcurrency ?? ConcurrencyConfig.MaxConcurrencyDefault));
    }

    private void Report(string problems)
    {
        if (problems != _reported)
        {
            _reported = problems;
            if (problems.Length > 0)
            {
                LogRefused(logger, problems);
            }
            else
            {
                LogMended(logger);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A configuration table is missing, what was in force before stays: {Reason}")]
    private static partial void LogMissing(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "The configuration tables are not as they must be; what was in force of these rows stays: {Problems}")]
    private static partial void LogRefused(ILogger logger, string problems);

    [LoggerMessage(Level = LogLevel.Information, Message = "The configuration tables are as they must be again")]
    private static partial void LogMended(ILogger logger);
}
