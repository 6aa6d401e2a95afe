using Microsoft.EntityFrameworkCore;
using Npgsql;
using Polling.Core.Cleanup;
using Polling.Core.Persistence;
using Polling.Core.Persistence.Cleanup;
using Polling.Scheduler.Passes;

namespace Polling.Scheduler.Cleanup;

/// <summary>Does the clean-up run that was asked for, a batch a pass, with a rest after each that is as long as the batch took: one scheduler at a time.</summary>
internal sealed partial class CleanupPass(
    CleanupDeletion deletion, CleanupPreview preview, CleanupPlan plan, IServiceScopeFactory scopes, NpgsqlDataSource postgres, TimeProvider time,
    ILogger<CleanupPass> logger) : SingletonPass(postgres, "data-cleanup", time, logger)
{
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ShortestRest = TimeSpan.FromMilliseconds(20);

    protected override async Task<TimeSpan> RunHeldAsync(CancellationToken cancellation)
    {
        await using var scope = scopes.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<PollingDbContext>();
        await plan.RequestDueAsync(context, cancellation);
        var run = await context.CleanupRuns.AsNoTracking().Include(r => r.Steps.OrderBy(step => step.ConfigId))
            .SingleOrDefaultAsync(r => r.FinishedAt == null, cancellation);
        if (run is null)
        {
            return Idle;
        }

        var started = Time.GetTimestamp();
        if (run.State == CleanupState.Queued)
        {
            (run.State, run.StartedAt) = (CleanupState.Running, Time.GetUtcNow());
        }

        if (run.CancelRequestedAt is null && run.Steps.FirstOrDefault(step => step.FinishedAt is null) is { } next)
        {
            await RunAsync(run, next, cancellation);
        }
        else
        {
            await FinishAsync(run, cancellation);
        }

        var took = Time.GetElapsedTime(started);
        return took > ShortestRest ? took : ShortestRest;
    }

    private async Task RunAsync(CleanupRun run, CleanupStep step, CancellationToken cancellation)
    {
        if (step.State == CleanupState.Queued)
        {
            step.Total = (await preview.CountAsync(CleanupDataset.Find(step.Dataset)!, step.Cutoff, cancellation)).Rows;
            step.State = CleanupState.Running;
        }
        else if (!await deletion.RemoveAsync(step, transaction => FenceAsync(transaction, cancellation), cancellation))
        {
            (step.State, step.FinishedAt) = (CleanupState.Done, Time.GetUtcNow());
        }

        await SaveAsync(run, [step], cancellation);
    }

    private async Task FinishAsync(CleanupRun run, CancellationToken cancellation)
    {
        var now = Time.GetUtcNow();
        var open = run.Steps.Where(step => step.FinishedAt is null).ToArray();
        foreach (var step in open)
        {
            (step.State, step.FinishedAt) = (CleanupState.Cancelled, now);
        }

        (run.State, run.FinishedAt) = (run.CancelRequestedAt is null ? CleanupState.Done : CleanupState.Cancelled, now);
        await SaveAsync(run, open, cancellation);
        var removed = string.Join(", ", run.Steps.Select(step => $"{step.Dataset} {step.Removed}"));
        LogFinished(logger, run.Id, run.State == CleanupState.Cancelled ? "cancelled" : "done", removed, (now - (run.StartedAt ?? now)).TotalSeconds);
    }

    private Task SaveAsync(CleanupRun run, IReadOnlyCollection<CleanupStep> steps, CancellationToken cancellation) =>
        deletion.SaveAsync(run, steps, transaction => FenceAsync(transaction, cancellation), cancellation);

    [LoggerMessage(Level = LogLevel.Information, Message = "数据清理完成: run {RunId} is {State}; rows removed: {Removed}; {Seconds:F1} s")]
    private static partial void LogFinished(ILogger logger, long runId, string state, string removed, double seconds);
}
