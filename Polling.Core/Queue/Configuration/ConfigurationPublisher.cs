using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Polling.Core.Carriers;
using Polling.Core.Configuration;
using Polling.Core.Persistence;
using Polling.Core.Queue.Epochs;
using Polling.Core.Queue.Facts;
using Polling.Core.Queue.Quotas;
using StackExchange.Redis;

namespace Polling.Core.Queue.Configuration;

/// <summary>
/// Publishes accounts, intervals and concurrency limits from PostgreSQL to Redis, where the scripts read them. Schedulers do it
/// every second, all of it each time: so a change is in force within 2 s, and a Redis that lost it has it again.
/// </summary>
/// <remarks>
/// An account that breaks a rule (<see cref="AccountRules"/>; PostgreSQL checks only the simple ones) is reported and not published:
/// what Redis has of it stays in force.
/// </remarks>
public sealed partial class ConfigurationPublisher(
    IServiceScopeFactory scopes, IConnectionMultiplexer redis, RedisKeys keys, IOptions<QuotaOptions> quotas, ILogger<ConfigurationPublisher> logger)
{
    private readonly ConcurrentDictionary<int, string> _reported = [];
    private int ReservedPercent => quotas.Value.ReservedPercent;

    /// <summary>One publication.</summary>
    /// <returns>Ids of all accounts.</returns>
    public async Task<IReadOnlyCollection<int>> PublishAsync(CancellationToken cancellation)
    {
        await using var scope = scopes.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<PollingDbContext>();
        var accounts = await context.CarrierAccounts.AsNoTracking().ToArrayAsync(cancellation);
        var configs = new PollingConfigSet(await context.PollingConfigs.AsNoTracking().ToArrayAsync(cancellation));
        var limits = await context.ConcurrencyConfigs.AsNoTracking().ToArrayAsync(cancellation);

        var valid = Array.FindAll(accounts, IsValid);
        var database = redis.GetDatabase();
        var runId = (await ServerFacts.ReadAsync(redis, "server")).GetValueOrDefault("run_id", "");
        var now = await NowAsync(database);
        var writes = new List<Task>();
        foreach (var type in TaskTypes.All)
        {
            writes.Add(PublishAccountsAsync(database, type, accounts, valid, configs));
            var limit = limits.FirstOrDefault(l => l.TaskType == type)?.MaxConcurrency ?? ConcurrencyConfig.MaxConcurrencyDefault;
            writes.Add(database.StringSetAsync(keys.ConcurrencyConfig(type), limit));
        }

        writes.AddRange(valid.Select(account => database.HashSetAsync(
            keys.AccountLimits(account.Id), AccountLimits.Of(account, now, runId, ReservedPercent))));
        await Task.WhenAll(writes);
        return Array.ConvertAll(accounts, a => a.Id);
    }

    private async Task PublishAccountsAsync(IDatabase database, TaskType type, CarrierAccount[] accounts, CarrierAccount[] valid, PollingConfigSet configs)
    {
        var known = await database.HashKeysAsync(keys.Accounts(type));
        var gone = known.Where(id => !accounts.Any(a => a.Id == (int)id)).ToArray();
        if (gone.Length > 0)
        {
            await database.HashDeleteAsync(keys.Accounts(type), gone);
        }

        if (valid.Length > 0)
        {
            await database.HashSetAsync(keys.Accounts(type), Array.ConvertAll(valid, a => new HashEntry(a.Id, Entry(type, a, configs).ToString())));
        }
    }

    // Promotion admits what acquire grants to polling.
    private AccountEntry Entry(TaskType type, CarrierAccount account, PollingConfigSet configs) => new(
        AccountLimits.PollingShare(account.CallsPerSecond, ReservedPercent), account.CardsPerCall, account.Weight, account.Status == AccountStatus.Active,
        [
            .. configs.ForAccount(type, account.CarrierId, account.Id).Select(c => new IntervalRule(
                (int?)c.CardStatus, (int?)c.RealNameStatus, c.PackageId, c.IntervalSeconds * 1000L, c.Id)),
        ]);

    private bool IsValid(CarrierAccount account)
    {
        var problems = AccountRules.Check(account);
        if (problems.Count == 0)
        {
            _reported.TryRemove(account.Id, out _);
            return true;
        }

        var text = string.Join(' ', problems.Select(p => p.Message));
        if (_reported.GetValueOrDefault(account.Id) != text)
        {
            _reported[account.Id] = text;
            LogInvalid(logger, account.Code, text);
        }

        return false;
    }

    // Months and windows are compared with Redis' clock, so they are reckoned from it.
    private static async Task<DateTimeOffset> NowAsync(IDatabase database)
    {
        var time = (RedisResult[])(await database.ExecuteAsync("TIME"))!;
        return DateTimeOffset.FromUnixTimeSeconds(long.Parse((string)time[0]!, CultureInfo.InvariantCulture));
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The carrier account {Account} in tb_carrier_account is not as it must be; what was in force before stays: {Problems}")]
    private static partial void LogInvalid(ILogger logger, string account, string problems);
}
