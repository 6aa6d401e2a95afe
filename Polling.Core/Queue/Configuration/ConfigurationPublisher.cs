using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
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
/// every second: so a change is in force within 2 s.
/// </summary>
/// <remarks>
/// All of it is written at each change, when Redis was restarted, and every 10 s: so a Redis that lost a part of it has it again.
/// An account that breaks a rule (<see cref="AccountRules"/>; PostgreSQL checks only the simple ones) is reported and not published:
/// what Redis has of it stays in force.
/// </remarks>
public sealed partial class ConfigurationPublisher(
    IServiceScopeFactory scopes, IConnectionMultiplexer redis, RedisKeys keys, IOptions<QuotaOptions> quotas, ILogger<ConfigurationPublisher> logger)
{
    private static readonly TimeSpan RewrittenAfter = TimeSpan.FromSeconds(10);

    // An empty table means no polling; for a moment it means that a restore is under way.
    private static readonly TimeSpan EmptyFor = TimeSpan.FromSeconds(5);
    private readonly ConcurrentDictionary<int, string> _reported = [];
    private long? _emptySince;
    private Publication? _last;
    private int ReservedPercent => quotas.Value.ReservedPercent;

    /// <summary>One publication.</summary>
    /// <returns>Ids of all accounts.</returns>
    public async Task<IReadOnlyCollection<int>> PublishAsync(CancellationToken cancellation)
    {
        await using var scope = scopes.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<PollingDbContext>();
        var accounts = await context.CarrierAccounts.AsNoTracking().ToArrayAsync(cancellation);
        if (await ReadTablesAsync(context, cancellation) is not { } tables)
        {
            return Array.ConvertAll(accounts, a => a.Id);
        }

        var (configs, concurrency) = tables;

        var valid = Array.FindAll(accounts, IsValid);
        var database = redis.GetDatabase();
        var runId = await ServerFacts.RunIdAsync(redis);
        var now = await NowAsync(database);
        var limits = Array.ConvertAll(valid, account => (Key: keys.AccountLimits(account.Id), Fields: AccountLimits.Of(account, now, runId, ReservedPercent)));
        var entries = TaskTypes.All.ToDictionary(
            type => type, type => Array.ConvertAll(valid, account => new HashEntry(account.Id, Entry(type, account, configs).ToString())));
        var permits = TaskTypes.All.ToDictionary(
            type => type, type => concurrency.FirstOrDefault(c => c.TaskType == type)?.MaxConcurrency ?? ConcurrencyConfig.MaxConcurrencyDefault);
        var text = string.Join('\n', [
            .. limits.SelectMany(l => l.Fields).Select(f => (string?)f.Value), .. entries.Values.SelectMany(e => e).Select(e => $"{e.Name} {e.Value}"),
            .. permits.Values.Select(p => $"{p}"), .. accounts.Select(a => $"{a.Id}")]);
        if (_last is not { } last || last.Text != text || now < last.At || now - last.At >= RewrittenAfter)
        {
            await Task.WhenAll([
                .. limits.Select(l => database.HashSetAsync(l.Key, l.Fields)),
                .. permits.Select(p => database.StringSetAsync(keys.ConcurrencyConfig(p.Key), p.Value)),
                .. entries.Select(e => WriteAsync(database, keys.Accounts(e.Key), e.Value, accounts)),
            ]);
            _last = new Publication(text, now);
        }

        return Array.ConvertAll(accounts, a => a.Id);
    }

    // Null = they are being restored: dropped, or empty for a moment. What Redis has stays in force.
    private async Task<(PollingConfigSet Configs, ConcurrencyConfig[] Concurrency)?> ReadTablesAsync(PollingDbContext context, CancellationToken cancellation)
    {
        try
        {
            var configs = await context.PollingConfigs.AsNoTracking().ToArrayAsync(cancellation);
            var concurrency = await context.ConcurrencyConfigs.AsNoTracking().ToArrayAsync(cancellation);
            if (configs.Length > 0 && concurrency.Length > 0)
            {
                _emptySince = null;
                return (new PollingConfigSet(configs), concurrency);
            }

            _emptySince ??= Stopwatch.GetTimestamp();
            return Stopwatch.GetElapsedTime(_emptySince.Value) < EmptyFor ? null : (new PollingConfigSet(configs), concurrency);
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
    }

    private static async Task WriteAsync(IDatabase database, RedisKey key, HashEntry[] entries, CarrierAccount[] accounts)
    {
        var known = await database.HashKeysAsync(key);
        var gone = known.Where(id => !accounts.Any(a => a.Id == (int)id)).ToArray();
        if (gone.Length > 0)
        {
            await database.HashDeleteAsync(key, gone);
        }

        if (entries.Length > 0)
        {
            await database.HashSetAsync(key, entries);
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

    [LoggerMessage(Level = LogLevel.Warning, Message = "A configuration table is missing, what was in force before stays: {Reason}")]
    private static partial void LogMissing(ILogger logger, string reason);

    // What was written last, and when by Redis' clock.
    private sealed record Publication(string Text, DateTimeOffset At);
}
