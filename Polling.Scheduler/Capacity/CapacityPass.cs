using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;
using Polling.Core.Capacity;
using Polling.Core.Configuration;
using Polling.Core.Persistence;
using Polling.Core.Queue.Lateness;
using Polling.Core.Queue.Quotas;
using Polling.Scheduler.Passes;

namespace Polling.Scheduler.Capacity;

/// <summary>
/// Compares what the configurations need of each account with its quota, tells promotion, and warns of an account that cannot keep
/// its intervals whatever it does. One scheduler does it, every minute, or less often when counting the cards takes long.
/// </summary>
internal sealed partial class CapacityPass(
    NpgsqlDataSource postgres, IServiceScopeFactory scopes, AccountDemand demand, IOptions<QuotaOptions> quotas, TimeProvider time,
    ILogger<CapacityPass> logger) : SingletonPass(postgres, "capacity", time, logger)
{
    private const int PauseOfCounting = 50;
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    // The lease is renewed with each pass; counting waits for its turn among them.
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(5);
    private readonly HashSet<int> _overloaded = [];
    private DateTimeOffset _countAt;

    protected override async Task<TimeSpan> RunHeldAsync(CancellationToken cancellation)
    {
        var now = Time.GetUtcNow();
        if (now < _countAt)
        {
            return Look;
        }

        var started = Time.GetTimestamp();
        await CompareAsync(cancellation);
        var took = Time.GetElapsedTime(started);
        _countAt = now + (took * PauseOfCounting > Every ? took * PauseOfCounting : Every);
        return Look;
    }

    private async Task CompareAsync(CancellationToken cancellation)
    {
        await using var scope = scopes.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<PollingDbContext>();
        var accounts = await context.CarrierAccounts.AsNoTracking().ToArrayAsync(cancellation);
        var configs = new PollingConfigSet(await context.PollingConfigs.AsNoTracking().ToArrayAsync(cancellation));
        var groups = await CardGroups.CountAsync(context, cancellation);
        var needed = accounts.ToDictionary(a => a.Id, a => CallBudget.Needed(a, groups, configs));
        await demand.PublishAsync(needed);
        foreach (var account in accounts)
        {
            var available = CallBudget.Available(account, quotas.Value.ReservedPercent);
            if (needed[account.Id] <= available)
            {
                _overloaded.Remove(account.Id);
            }
            else if (_overloaded.Add(account.Id))
            {
                LogOverloaded(logger, account.Code, needed[account.Id], available);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The configurations need {Needed:0.##} calls a second of account {Account}, whose quota leaves {Available:0.##} to polling: its cards will be late. Longer intervals or a larger quota help")]
    private static partial void LogOverloaded(ILogger logger, string account, double needed, double available);
}
