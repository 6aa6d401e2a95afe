using Microsoft.EntityFrameworkCore;
using Npgsql;
using Polling.Core.Cleanup;
using Polling.Core.Persistence;
using Polling.Core.Persistence.Cleanup;

namespace Polling.Scheduler.Cleanup;

/// <summary>Asks for the runs that schedules name. How far each was planned lies in PostgreSQL: none is missed after a fail-over, none comes twice.</summary>
internal sealed partial class CleanupPlan(NpgsqlDataSource postgres, TimeProvider time, ILogger<CleanupPlan> logger)
{
    private readonly Dictionary<int, string> _reported = [];

    /// <summary>Asks for a run by all configurations that are due, in one; while one is under way they wait for its end.</summary>
    public async Task RequestDueAsync(PollingDbContext context, CancellationToken cancellation)
    {
        CleanupConfig[] configs;
        try
        {
            configs = await context.CleanupConfigs.AsNoTracking().ToArrayAsync(cancellation);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            // Operators drop it to restore it.
            return;
        }

        var now = time.GetUtcNow();
        var due = new List<CleanupConfig>();
        foreach (var config in configs.Where(config => config.IsEnabled))
        {
            if (IsUsable(config) && config.Schedule is { } schedule
                && CleanupConfigCheck.LatestDue(schedule, await PlannedToAsync(config.Id, schedule, now, cancellation), now) is not null)
            {
                due.Add(config);
            }
        }

        if (due.Count > 0 && await CleanupRuns.RequestAsync(context, due, isScheduled: true, now, cancellation) is not null)
        {
            await MarkAsync([.. due.Select(config => config.Id)], now, cancellation);
        }
    }

    private bool IsUsable(CleanupConfig config)
    {
        var problems = string.Join("; ", CleanupConfigCheck.Check(config).Select(problem => problem.Message));
        if (problems.Length > 0 && _reported.GetValueOrDefault(config.Id) != problems)
        {
            _reported[config.Id] = problems;
            LogInvalid(logger, config.Id, config.Name, problems);
        }

        return problems.Length == 0;
    }

    // A new configuration, or a new schedule, counts from now.
    private async Task<DateTimeOffset> PlannedToAsync(int id, string schedule, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var command = postgres.CreateCommand(
            """
            INSERT INTO tb_data_cleanup_plan AS p (config_id, schedule, planned_to) VALUES ($1, $2, $3)
            ON CONFLICT (config_id) DO UPDATE SET schedule = $2, planned_to = CASE WHEN p.schedule = $2 THEN p.planned_to ELSE $3 END
            RETURNING planned_to
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = id });
        command.Parameters.Add(new NpgsqlParameter { Value = schedule });
        command.Parameters.Add(new NpgsqlParameter { Value = now.UtcDateTime });
        return new DateTimeOffset((DateTime)(await command.ExecuteScalarAsync(cancellation))!);
    }

    private async Task MarkAsync(int[] ids, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var command = postgres.CreateCommand("UPDATE tb_data_cleanup_plan SET planned_to = $2 WHERE config_id = ANY($1)");
        command.Parameters.Add(new NpgsqlParameter { Value = ids });
        command.Parameters.Add(new NpgsqlParameter { Value = now.UtcDateTime });
        await command.ExecuteNonQueryAsync(cancellation);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Clean-up configuration {ConfigId} (\"{Name}\") is not used: {Problems}")]
    private static partial void LogInvalid(ILogger logger, int configId, string name, string problems);
}
