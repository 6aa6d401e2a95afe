using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Polling.Core.Carriers;
using Polling.Core.Configuration;
using Polling.Core.Persistence;
using Polling.Core.Queue.Facts;
using StackExchange.Redis;

namespace Polling.Core.Queue.Configuration;

/// <summary>
/// Publishes accounts, intervals and concurrency limits from PostgreSQL to Redis, where the scripts read them. Schedulers do it
/// every second, all of it each time: so a change is in force within 2 s, and a Redis that lost it has it again.
/// </summary>
public sealed class ConfigurationPublisher(IServiceScopeFactory scopes, IConnectionMultiplexer redis, RedisKeys keys)
{
    /// <summary>One publication.</summary>
    /// <returns>Ids of all accounts.</returns>
    public async Task<IReadOnlyCollection<int>> PublishAsync(CancellationToken cancellation)
    {
        await using var scope = scopes.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<PollingDbContext>();
        var accounts = await context.CarrierAccounts.AsNoTracking().ToArrayAsync(cancellation);
        var configs = new PollingConfigSet(await context.PollingConfigs.AsNoTracking().ToArrayAsync(cancellation));
        var limits = await context.ConcurrencyConfigs.AsNoTracking().ToArrayAsync(cancellation);

        var database = redis.GetDatabase();
        var writes = new List<Task>();
        foreach (var type in TaskTypes.All)
        {
            writes.Add(PublishAccountsAsync(database, type, accounts, configs));
            var limit = limits.FirstOrDefault(l => l.TaskType == type)?.MaxConcurrency ?? ConcurrencyConfig.MaxConcurrencyDefault;
            writes.Add(database.StringSetAsync(keys.ConcurrencyConfig(type), limit));
        }

        writes.AddRange(accounts.Select(account => database.HashSetAsync(keys.AccountLimits(account.Id),
        [
            new("calls_per_second", account.CallsPerSecond), new("max_in_flight", account.MaxInFlight), new("status", (int)account.Status),
        ])));
        await Task.WhenAll(writes);
        return Array.ConvertAll(accounts, a => a.Id);
    }

    private async Task PublishAccountsAsync(IDatabase database, TaskType type, CarrierAccount[] accounts, PollingConfigSet configs)
    {
        var known = await database.HashKeysAsync(keys.Accounts(type));
        var gone = known.Where(id => !accounts.Any(a => a.Id == (int)id)).ToArray();
        if (gone.Length > 0)
        {
            await database.HashDeleteAsync(keys.Accounts(type), gone);
        }

        if (accounts.Length > 0)
        {
            await database.HashSetAsync(keys.Accounts(type), Array.ConvertAll(accounts, a => new HashEntry(a.Id, Entry(type, a, configs).ToString())));
        }
    }

    private static AccountEntry Entry(TaskType type, CarrierAccount account, PollingConfigSet configs) => new(
        account.CallsPerSecond, account.CardsPerCall, account.Weight, account.Status == AccountStatus.Active,
        [
            .. configs.ForAccount(type, account.CarrierId, account.Id).Select(c => new IntervalRule(
                (int?)c.CardStatus, (int?)c.RealNameStatus, c.PackageId, c.IntervalSeconds * 1000L, c.Id)),
        ]);
}
