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
/// every second: so a change is in force within 2 s.
/// </summary>
/// <remarks>
/// All of it is written at each change, when Redis was restarted, and every 10 s: so a Redis that lost a part of it has it again.
/// An account that breaks a rule (<see cref="AccountRules"/>; PostgreSQL checks only the simple ones) is reported and not published:
/// what Redis has of it stays in force. The same holds for a configuration that cannot be used: as long as Redis has it in force for a task type, all of
/// that task type's rules stay as they are.
/// </remarks>
public sealed partial class ConfigurationPublisher(
    IServiceScopeFactory scopes, IConnectionMultiplexer redis, RedisKeys keys, IOptions<QuotaOptions> quotas, ILogger<ConfigurationPublisher> logger)
{
    private static readonly TimeSpan RewrittenAfter = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<int, string> _reported = [];
    private readonly TableReader _tables = new(logger);
    private Publication? _last;
    private int ReservedPercent => quotas.Value.ReservedPercent;

    /// <summary>One publication.</summary>
    /// <returns>Ids of all accounts.</returns>
    public async Task<IReadOnlyCollection<int>> PublishAsync(CancellationToken cancellation)
    {
        await using var scope = scopes.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<PollingDbContext>();
        var accounts = await context.CarrierAccounts.AsNoTracking().ToArrayAsync(cancellation);
        if (await _tables.ReadAsync(context, cancellation) is not { } tables)
        {
            return Array.ConvertAll(accounts, a => a.Id);
        }

        var valid = Array.FindAll(accounts, IsValid);
        var database = redis.GetDatabase();
        var runIds = new RunIds(redis);
        var now = await NowAsync(database);
        var limits = await Task.WhenAll(valid.Select(async account => (
            Key: keys.AccountLimits(account.Id),
            Fields: AccountLimits.Of(account, now, await runIds.OfAsync(keys.AccountLimits(account.Id)), ReservedPercent))));
        var entries = new Dictionary<TaskType, HashEntry[]>();
        foreach (var type in TaskTypes.All)
        {
            var kept = await RulesThatStayAsync(database, type, tables.RefusedConfigs);
            entries.Add(type, Array.ConvertAll(valid, account => new HashEntry(
                account.Id, Entry(account, kept?.GetValueOrDefault(account.Id) ?? RulesOf(type, account, tables.Configs)).ToString())));
        }

        var text = string.Join('\n', [
            .. limits.SelectMany(l => l.Fields).Select(f => (string?)f.Value), .. entries.Values.SelectMany(e => e).Select(e => $"{e.Name} {e.Value}"),
            .. tables.Permits.Select(p => $"{p.Key} {p.Value}"), .. accounts.Select(a => $"{a.Id}")]);
        if (_last is not { } last || last.Text != text || now < last.At || now - last.At >= RewrittenAfter)
        {
            await Task.WhenAll([
                .. limits.Select(l => database.HashSetAsync(l.Key, l.Fields)),
                .. tables.Permits.Select(p => database.StringSetAsync(keys.ConcurrencyConfig(p.Key), p.Value)),
                .. TaskTypes.All.Except(tables.Permits.Keys).Select(type => database.StringSetAsync(
                    keys.ConcurrencyConfig(type), ConcurrencyConfig.MaxConcurrencyDefault, when: When.NotExists)),
                .. entries.Select(e => WriteAsync(database, keys.Accounts(e.Key), e.Value, accounts)),
            ]);
            _last = new Publication(text, now);
        }

        return Array.ConvertAll(accounts, a => a.Id);
    }

    // The rules of all accounts, when a configuration is in force that cannot be used any more; else null.
    private async Task<Dictionary<int, IntervalRules>?> RulesThatStayAsync(IDatabase database, TaskType type, IReadOnlyCollection<int> refused)
    {
        if (refused.Count == 0)
        {
            return null;
        }

        var held = (await database.HashGetAllAsync(keys.Accounts(type))).ToDictionary(e => (int)e.Name, e => AccountEntry.RulesOf(e.Value!));
        return held.Values.Any(rules => rules.Rules.Any(rule => refused.Contains(rule.ConfigurationId))) ? held : null;
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
    private AccountEntry Entry(CarrierAccount account, IntervalRules rules) => new(
        AccountLimits.PollingShare(account.CallsPerSecond, ReservedPercent), account.CardsPerCall, account.Weight, account.Status == AccountStatus.Active,
        rules);

    private static IntervalRules RulesOf(TaskType type, CarrierAccount account, PollingConfigSet configs) => new([
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

    // What was written last, and when by Redis' clock.
    private sealed record Publication(string Text, DateTimeOffset At);
}
