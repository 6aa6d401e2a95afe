using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Polling.Core.Alerts.Rules;
using Polling.Core.Carriers;
using Polling.Core.Configuration;
using Polling.Core.Persistence;
using Polling.Core.Queue.Quarantine;
using Polling.Core.Queue.Quotas;
using Polling.Core.Statistics;
using Polling.Core.Statistics.Windows;

namespace Polling.Core.Alerts.Evaluation;

/// <summary>Measures what rules look at. It asks only for what some rule needs, and for each thing once.</summary>
public sealed class AlertReadings(
    PollingStatisticsReader statistics, WindowReadings windows, QuarantineScripts quarantine, AccountConditions conditions,
    IServiceScopeFactory scopes, TimeProvider clock)
{
    private const string Initialisation = "initialisation";
    private const string Accounts = "accounts";
    private const int DetailAccountsMax = 10;

    /// <summary>Every reading of each rule, by the rule's id.</summary>
    /// <param name="rules">Rules without problems.</param>
    /// <param name="cancellation">Cancels.</param>
    public async Task<IReadOnlyDictionary<int, IReadOnlyList<AlertReading>>> ReadAsync(
        IReadOnlyCollection<AlertRule> rules, CancellationToken cancellation)
    {
        var types = rules.Select(rule => rule.RuleType).ToHashSet();
        var tasks = types.Overlaps(StatisticsTypes) ? await statistics.ReadAsync() : [];
        var progress = types.Contains(AlertRuleType.InitStalled.Name) ? await statistics.ReadInitialisationAsync() : new Dictionary<string, string>();
        var quarantined = types.Contains(AlertRuleType.Quarantine.Name) ? await QuarantinedAsync() : [];
        var accounts = types.Overlaps(AccountTypes) ? await conditions.ReadAsync(await AccountsAsync(cancellation)) : [];
        var tripped = types.Contains(AlertRuleType.SuspensionBreaker.Name) ? await TrippedAsync(cancellation) : [];
        var happened = await windows.ReadAsync(rules.SelectMany(WindowsOf).Distinct());
        return rules.ToDictionary(rule => rule.Id, ReadRule);

        IReadOnlyList<AlertReading> ReadRule(AlertRule rule) => AlertRuleType.Find(rule.RuleType) switch
        {
            { HasWindow: true } type => [.. Tasks(rule).Select(task => WindowReadings.Of(
                type, rule.AccountId, tasks.FirstOrDefault(t => t.TaskType == task), happened[KeyOf(rule, task)], task.Name()))],
            { HasTask: true } type => [.. Tasks(rule).Select(task => type == AlertRuleType.Quarantine
                ? new AlertReading(task.Name(), quarantined.GetValueOrDefault(task))
                : OfTask(type, tasks.Single(t => t.TaskType == task)))],
            { HasAccount: true } type when type == AlertRuleType.SuspensionBreaker => OfAccounts(rule, tripped),
            { HasAccount: true } type => OfAccounts(
                rule, [.. accounts.Select(a => new CountedAccount(a.Account.Id, a.Account.Code, type == AlertRuleType.BreakerOpen ? IsBroken(a) : IsExhausted(a)))]),
            _ => [OfInitialisation(progress)],
        };
    }

    private static readonly string[] AccountTypes = [AlertRuleType.QuotaExhausted.Name, AlertRuleType.BreakerOpen.Name];

    private static readonly string[] StatisticsTypes =
    [
        AlertRuleType.QueueBacklog.Name, AlertRuleType.ConcurrencyUsage.Name, AlertRuleType.Lateness.Name,
    ];

    private static IEnumerable<TaskType> Tasks(AlertRule rule) =>
        rule.TaskType is { } name ? [TaskTypes.Parse(name)] : TaskTypes.All;

    private static IEnumerable<WindowKey> WindowsOf(AlertRule rule) =>
        AlertRuleType.Find(rule.RuleType) is { HasWindow: true } ? Tasks(rule).Select(task => KeyOf(rule, task)) : [];

    private static WindowKey KeyOf(AlertRule rule, TaskType task) => new(task, rule.WindowSeconds, rule.AccountId is not null);

    private static AlertReading OfTask(AlertRuleType type, TaskStatistics task) => type == AlertRuleType.QueueBacklog
        ? new(task.TaskType.Name(), task.Number("due_total"))
        : new(task.TaskType.Name(), task.ConcurrencyMax is > 0 and var max ? Math.Round(task.ConcurrencyCurrent * 100.0 / max, 1) : null);

    private static IReadOnlyList<AlertReading> OfAccounts(AlertRule rule, IReadOnlyList<CountedAccount> accounts)
    {
        if (rule.AccountId is { } id)
        {
            var one = accounts.FirstOrDefault(account => account.Id == id);
            return [new AlertReading(one?.Code ?? $"account {id}", one is null ? null : one.Counts ? 1 : 0)];
        }

        var codes = accounts.Where(account => account.Counts).Select(account => account.Code).Order(StringComparer.Ordinal).ToArray();
        var shown = string.Join(", ", codes.Take(DetailAccountsMax)) + (codes.Length > DetailAccountsMax ? ", …" : "");
        return [new AlertReading(Accounts, codes.Length, Detail: codes.Length > 0 ? shown : null)];
    }

    private static bool IsBroken(AccountCondition condition) => condition.IsCircuitOpen;

    private static bool IsExhausted(AccountCondition condition) => condition.IsMonthUsedUp || condition.IsFiveMinutesUsedUp;

    private AlertReading OfInitialisation(IReadOnlyDictionary<string, string> progress)
    {
        var culture = CultureInfo.InvariantCulture;
        double? value = progress.GetValueOrDefault("state") switch
        {
            null => null,
            InitialisationState.Running when DateTimeOffset.TryParse(progress.GetValueOrDefault("updated_at"), culture, out var updated) =>
                Math.Round(Math.Max(0, (clock.GetUtcNow() - updated).TotalSeconds), 1),
            InitialisationState.Running => null,
            _ => 0,
        };
        var detail = value > 0 ? $"{progress.GetValueOrDefault("loaded")} / {progress.GetValueOrDefault("total")}" : null;
        return new AlertReading(Initialisation, value, Detail: detail);
    }

    private async Task<Dictionary<TaskType, long>> QuarantinedAsync()
    {
        var counts = await Task.WhenAll(TaskTypes.All.Select(quarantine.CountAsync));
        return TaskTypes.All.Zip(counts).ToDictionary(pair => pair.First, pair => pair.Second);
    }

    // A paused account sends nothing anyway.
    private async Task<CarrierAccount[]> AccountsAsync(CancellationToken cancellation)
    {
        await using var scope = scopes.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<PollingDbContext>();
        return await context.CarrierAccounts.AsNoTracking().Where(account => account.Status == AccountStatus.Active).ToArrayAsync(cancellation);
    }

    // Also paused ones: somebody has to decide about what the breaker holds.
    private async Task<CountedAccount[]> TrippedAsync(CancellationToken cancellation)
    {
        await using var scope = scopes.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<PollingDbContext>();
        var tripped = await context.SuspensionBreakers.AsNoTracking().Where(b => b.IsTripped).Select(b => b.AccountId).ToArrayAsync(cancellation);
        var accounts = await context.CarrierAccounts.AsNoTracking().Select(a => new { a.Id, a.Code }).ToArrayAsync(cancellation);
        return Array.ConvertAll(accounts, a => new CountedAccount(a.Id, a.Code, tripped.Contains(a.Id)));
    }

    private sealed record CountedAccount(int Id, string Code, bool Counts);
}
