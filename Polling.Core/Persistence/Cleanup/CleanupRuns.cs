using Microsoft.EntityFrameworkCore;
using Npgsql;
using Polling.Core.Cleanup;

namespace Polling.Core.Persistence.Cleanup;

/// <summary>Asks for clean-up runs.</summary>
public static class CleanupRuns
{
    /// <summary>Asks for a run by these configurations; a scheduler takes it up within moments.</summary>
    /// <returns>The run, or null: one is under way.</returns>
    public static async Task<CleanupRun?> RequestAsync(
        PollingDbContext context, IReadOnlyCollection<CleanupConfig> configs, bool isScheduled, DateTimeOffset now, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(configs);
        var run = new CleanupRun { State = CleanupState.Queued, IsScheduled = isScheduled, RequestedAt = now };
        run.Steps.AddRange(configs.OrderBy(config => config.Id).Select(config => new CleanupStep
        {
            ConfigId = config.Id,
            Dataset = config.Dataset,
            State = CleanupState.Queued,
            Cutoff = now.AddDays(-config.RetentionDays),
            BatchSize = config.BatchSize,
            UpdatedAt = now,
        }));
        context.CleanupRuns.Add(run);
        try
        {
            await context.SaveChangesAsync(cancellation);
            return run;
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            context.ChangeTracker.Clear();
            return null;
        }
    }
}
