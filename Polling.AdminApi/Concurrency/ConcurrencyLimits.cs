using Microsoft.EntityFrameworkCore;
using Polling.AdminApi.AuditLog;
using Polling.AdminApi.Http;
using Polling.Core.Configuration;
using Polling.Core.Persistence;
using Polling.Core.Queue.Permits;
using StackExchange.Redis;

namespace Polling.AdminApi.Concurrency;

/// <summary>The limits of permits: saved in PostgreSQL, in force in Redis.</summary>
internal sealed partial class ConcurrencyLimits(
    PollingDbContext context, AuditTrail audit, PermitScripts permits, TimeProvider clock, ILogger<ConcurrencyLimits> logger)
{
    public async Task<ConcurrencyListAnswer> ListAsync(CancellationToken cancellationToken)
    {
        var saved = await context.ConcurrencyConfigs.AsNoTracking().OrderBy(s => s.Id).ToArrayAsync(cancellationToken);
        var uses = await Task.WhenAll(TaskTypes.All.Select(permits.ReadAsync));
        return new ConcurrencyListAnswer(
            [.. TaskTypes.All.Zip(uses, (type, use) => ConcurrencyAnswer.Of(type, saved, use))], ConcurrencyListAnswer.ProblemsOf(saved, TaskTypes.None));
    }

    public async Task<ConcurrencyAnswer> GetAsync(TaskType type, CancellationToken cancellationToken)
    {
        var saved = await context.ConcurrencyConfigs.AsNoTracking().Where(s => s.TaskType == type).OrderBy(s => s.Id).ToArrayAsync(cancellationToken);
        return ConcurrencyAnswer.Of(type, saved, await permits.ReadAsync(type));
    }

    /// <summary>Saves a limit and puts it in force.</summary>
    /// <exception cref="RedisException">Redis does not answer: nothing was saved.</exception>
    public async Task<ConcurrencyAnswer> ChangeAsync(TaskType type, int limit, CancellationToken cancellationToken)
    {
        var before = await permits.ReadAsync(type);
        var name = type.Name();
        await SaveAsync(type, limit, cancellationToken);
        try
        {
            await permits.AllowAsync(type, limit);
        }
        catch (Exception e) when (e is RedisException or RedisTimeoutException)
        {
            // It is saved; the schedulers publish it as soon as Redis is back.
            LogPublishedLater(name, e.Message);
        }

        LogChanged(name, before.Allowed, limit);
        return await GetAsync(type, cancellationToken);
    }

    public async Task<ConcurrencyResetAnswer> ResetAsync(TaskType type, CancellationToken cancellationToken)
    {
        var reset = await audit.RunAsync(
            new AuditedOperation("reset", "polling_concurrency", type.Name(), null), () => permits.ResetAsync(type),
            done => new AuditedResult(new { done.Dropped, done.Held }), cancellationToken);
        LogReset(type.Name(), reset.Dropped, reset.Held);
        return new ConcurrencyResetAnswer(type.Name(), reset.Dropped, reset.Held);
    }

    private Task SaveAsync(TaskType type, int limit, CancellationToken cancellationToken) => audit.SaveRepeatedlyAsync(
        async () =>
        {
            // A restored table may have the type twice: one row is kept.
            var rows = await context.ConcurrencyConfigs.Where(s => s.TaskType == type).OrderBy(s => s.Id).ToArrayAsync(cancellationToken);
            context.ConcurrencyConfigs.RemoveRange(rows.Skip(1));
            var saved = rows.FirstOrDefault();
            if (saved is null)
            {
                // A restored table may lack the type.
                saved = new ConcurrencyConfig { TaskType = type, CreatedAt = clock.SaveTime() };
                context.ConcurrencyConfigs.Add(saved);
            }

            saved.MaxConcurrency = limit;
            saved.UpdatedAt = clock.SaveTime();
            return saved;
        },
        cancellationToken);

    [LoggerMessage(Level = LogLevel.Information, Message = "The limit of permits of {TaskType} changes from {Before} to {Limit}")]
    private partial void LogChanged(string taskType, int? before, int limit);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The new limit of permits of {TaskType} is saved, but Redis does not have it yet: {Reason}")]
    private partial void LogPublishedLater(string taskType, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "The permits of {TaskType} were reset: {Dropped} that no call held are dropped, {Held} are held")]
    private partial void LogReset(string taskType, int dropped, int held);
}
