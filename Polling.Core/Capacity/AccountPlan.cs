using Polling.Core.Carriers;
using Polling.Core.Configuration;
using Polling.Core.Queue.Quotas;

namespace Polling.Core.Capacity;

/// <summary>What an account's cards need of its calls, what it has, and what would change that. Every call is taken to be full.</summary>
/// <param name="Account">The account.</param>
/// <param name="QuotaCallsPerSecond">What its carrier grants in the long run: the tightest of its limits, maintenance windows and reserve not taken off.</param>
/// <param name="AvailableCallsPerSecond">What of it is left to polling: <see cref="CallBudget.Available"/>.</param>
/// <param name="LimitedBy">Which limit is the tightest.</param>
/// <param name="Tasks">What each task needs; tasks that ask nothing of it are left out.</param>
public sealed record AccountPlan(
    CarrierAccount Account, double QuotaCallsPerSecond, double AvailableCallsPerSecond, CallLimit LimitedBy, IReadOnlyList<TaskPlan> Tasks)
{
    // Sums of fractions differ in the last digits.
    private const double Rounding = 1 + 1e-9;

    /// <summary>Calls a second that its configurations need.</summary>
    public double NeededCallsPerSecond => Tasks.Sum(task => task.NeededCallsPerSecond);

    /// <summary>Whether every card can be asked in time.</summary>
    public bool Fits => NeededCallsPerSecond <= AvailableCallsPerSecond * Rounding;

    /// <summary>By how much all intervals would have to grow, or could shrink (below 1), to use just what is available; null = nothing is available.</summary>
    public double? IntervalFactor => AvailableCallsPerSecond > 0 ? NeededCallsPerSecond / AvailableCallsPerSecond : null;

    /// <summary>Cards a call that would do with the quota and the intervals as they are; null = more than any carrier takes.</summary>
    public int? CardsPerCallNeeded
    {
        get
        {
            var cards = Math.Ceiling(Account.CardsPerCall * (IntervalFactor ?? double.PositiveInfinity) / Rounding);
            return cards <= CarrierAccount.CardsPerCallMax ? Math.Max(1, (int)cards) : null;
        }
    }

    /// <summary>Calls in the unit of <see cref="LimitedBy"/> that would do with everything else as it is; null = nothing can be reckoned, since no calls are left at all.</summary>
    public long? QuotaNeeded => IntervalFactor is { } factor
        ? (long)Math.Ceiling(factor / Rounding * LimitedBy switch
        {
            CallLimit.FiveMinutes => Account.CallsPer5Minutes!.Value,
            CallLimit.Month => Account.CallsPerMonth!.Value,
            _ => Account.CallsPerSecond,
        })
        : null;

    /// <summary>The shortest interval at which a task could ask all its cards beside the others as they are, seconds; null = none is long enough.</summary>
    public long? IntervalSecondsMin(TaskPlan task)
    {
        ArgumentNullException.ThrowIfNull(task);
        var left = AvailableCallsPerSecond - NeededCallsPerSecond + task.NeededCallsPerSecond;
        var interval = left <= 0 ? double.PositiveInfinity : Math.Ceiling(task.CallsPerSweep / left / Rounding);
        return interval <= PollingConfig.IntervalSecondsMax ? Math.Max(1, (long)interval) : null;
    }

    /// <summary>The plan of each account.</summary>
    /// <param name="accounts">The accounts.</param>
    /// <param name="groups">Cards, of any accounts.</param>
    /// <param name="configs">The configurations.</param>
    /// <param name="reservedPercent"><see cref="QuotaOptions.ReservedPercent"/>.</param>
    public static IReadOnlyList<AccountPlan> Of(
        IEnumerable<CarrierAccount> accounts, IEnumerable<CardGroup> groups, PollingConfigSet configs, int reservedPercent)
    {
        ArgumentNullException.ThrowIfNull(accounts);
        var byAccount = groups.ToLookup(group => group.AccountId);
        return
        [
            .. accounts.Select(account =>
            {
                var (quota, limit) = CallBudget.Quota(account);
                return new AccountPlan(
                    account, quota, CallBudget.Available(account, reservedPercent), limit, TaskPlan.Of(account, byAccount[account.Id], configs));
            }),
        ];
    }
}

/// <summary>What a task needs of an account.</summary>
/// <param name="Type">The task.</param>
/// <param name="Cards">Cards that it asks about.</param>
/// <param name="CallsPerSweep">Calls to ask about each once.</param>
/// <param name="Configurations">What each configuration asks, in order of precedence of their cards.</param>
public sealed record TaskPlan(TaskType Type, long Cards, double CallsPerSweep, IReadOnlyList<ConfigurationPlan> Configurations)
{
    /// <summary>Calls a second at the intervals that are configured.</summary>
    public double NeededCallsPerSecond => Configurations.Sum(config => config.NeededCallsPerSecond);

    /// <summary>Time to ask about each card once with so many calls a second, seconds; null = without any it never ends.</summary>
    public double? SweepSeconds(double callsPerSecond) => callsPerSecond > 0 ? CallsPerSweep / callsPerSecond : null;

    internal static IReadOnlyList<TaskPlan> Of(CarrierAccount account, IEnumerable<CardGroup> groups, PollingConfigSet configs)
    {
        var cards = groups.ToArray();
        return
        [
            .. TaskTypes.All.Select(type =>
            {
                ConfigurationPlan[] plans =
                [
                    .. cards
                        .Select(g => (g.Cards, Config: configs.Find(type, account.CarrierId, account.Id, g.Status, g.RealNameStatus, g.PackageId)))
                        .Where(g => g.Config is not null)
                        .GroupBy(g => g.Config!, g => g.Cards)
                        .Select(g => ConfigurationPlan.Of(g.Key, g.Sum(), account.CardsPerCall))
                        .OrderBy(plan => plan.Configuration.Id),
                ];
                return new TaskPlan(type, plans.Sum(plan => plan.Cards), (double)plans.Sum(plan => plan.Cards) / account.CardsPerCall, plans);
            }).Where(task => task.Cards > 0),
        ];
    }
}

/// <summary>What one configuration asks of an account.</summary>
/// <param name="Configuration">The configuration.</param>
/// <param name="Cards">Cards that it rules.</param>
/// <param name="NeededCallsPerSecond">Calls for them.</param>
public sealed record ConfigurationPlan(PollingConfig Configuration, long Cards, double NeededCallsPerSecond)
{
    internal static ConfigurationPlan Of(PollingConfig config, long cards, int cardsPerCall) =>
        new(config, cards, (double)cards / cardsPerCall / config.IntervalSeconds);
}

/// <summary>The limits that an account's carrier sets.</summary>
public enum CallLimit
{
    /// <summary>Calls a second.</summary>
    Second = 1,

    /// <summary>Calls in five minutes.</summary>
    FiveMinutes = 2,

    /// <summary>Calls in a month.</summary>
    Month = 3,
}
