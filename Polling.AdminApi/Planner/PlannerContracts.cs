using System.Text.Json.Serialization;
using Polling.Core.Capacity;
using Polling.Core.Configuration;

namespace Polling.AdminApi.Planner;

/// <summary>Whether the quotas suffice for the configurations, account by account; those that lack most come first.</summary>
/// <param name="CountedAt">When the cards were counted.</param>
/// <param name="Cards">All cards, also those that nothing polls.</param>
/// <param name="NeededCallsPerSecond">What the configurations need of all accounts.</param>
/// <param name="AvailableCallsPerSecond">What all quotas leave to polling.</param>
/// <param name="AccountsThatDoNotFit">Accounts whose cards will be late.</param>
/// <param name="Items">The accounts.</param>
internal sealed record PlanAnswer(
    DateTimeOffset CountedAt, long Cards, double NeededCallsPerSecond, double AvailableCallsPerSecond, int AccountsThatDoNotFit, IReadOnlyList<AccountPlanAnswer> Items);

/// <summary>An account's calls, needed and available, when every call is full. (An adaptive interval counts as its interval_seconds.)</summary>
/// <param name="AccountId">The account.</param>
/// <param name="Code">Its code.</param>
/// <param name="CardsPerCall">Cards that one call may name.</param>
/// <param name="QuotaCallsPerSecond">What its carrier grants in the long run, by the tightest of its limits.</param>
/// <param name="LimitedBy">That limit: calls_per_second, calls_per_5_minutes or calls_per_month.</param>
/// <param name="AvailableCallsPerSecond">What of it is left to polling: less the reserve for manual work and suspensions, the maintenance windows, and a tenth by which a second is reckoned longer.</param>
/// <param name="NeededCallsPerSecond">What its configurations need.</param>
/// <param name="LoadPercent">Needed of available; over 100 its cards will be late. Null = nothing is available.</param>
/// <param name="Fits">Whether every card can be asked in time.</param>
/// <param name="Tasks">Each task that asks about its cards.</param>
/// <param name="WouldFit">Each of these alone would make it fit, everything else as it is; null when it fits.</param>
internal sealed record AccountPlanAnswer(
    int AccountId,
    string Code,
    int CardsPerCall,
    double QuotaCallsPerSecond,
    string LimitedBy,
    double AvailableCallsPerSecond,
    double NeededCallsPerSecond,
    double? LoadPercent,
    bool Fits,
    IReadOnlyList<TaskPlanAnswer> Tasks,
    WouldFitAnswer? WouldFit)
{
    public static AccountPlanAnswer Of(AccountPlan plan) => new(
        plan.Account.Id, plan.Account.Code, plan.Account.CardsPerCall, Round(plan.QuotaCallsPerSecond), Name(plan.LimitedBy), Round(plan.AvailableCallsPerSecond),
        Round(plan.NeededCallsPerSecond), plan.IntervalFactor is { } factor ? Round(100 * factor) : null, plan.Fits,
        [.. plan.Tasks.Select(task => TaskPlanAnswer.Of(plan, task))], plan.Fits ? null : WouldFitAnswer.Of(plan));

    internal static string Name(CallLimit limit) => limit switch
    {
        CallLimit.FiveMinutes => "calls_per_5_minutes",
        CallLimit.Month => "calls_per_month",
        _ => "calls_per_second",
    };

    internal static double Round(double value) => Math.Round(value, 3);
}

/// <summary>What a task needs of an account.</summary>
/// <param name="TaskType">realname, carddata or package.</param>
/// <param name="Cards">Cards that it asks about.</param>
/// <param name="NeededCallsPerSecond">Calls at the intervals that are configured.</param>
/// <param name="CallsPerSweep">Calls to ask about each card once.</param>
/// <param name="SweepSeconds">Time for that with the carrier's whole quota.</param>
/// <param name="SweepSecondsAvailable">Time for that with what is left to polling, if nothing else were polled; null = never.</param>
/// <param name="IntervalSecondsMin">The shortest interval for all its cards that fits beside the other tasks as they are; null = none.</param>
/// <param name="Configurations">The configurations that rule its cards.</param>
internal sealed record TaskPlanAnswer(
    string TaskType,
    long Cards,
    double NeededCallsPerSecond,
    long CallsPerSweep,
    double? SweepSeconds,
    double? SweepSecondsAvailable,
    long? IntervalSecondsMin,
    IReadOnlyList<ConfigurationPlanAnswer> Configurations)
{
    public static TaskPlanAnswer Of(AccountPlan plan, TaskPlan task) => new(
        task.Type.Name(), task.Cards, AccountPlanAnswer.Round(task.NeededCallsPerSecond), (long)Math.Ceiling(task.CallsPerSweep),
        Rounded(task.SweepSeconds(plan.QuotaCallsPerSecond)), Rounded(task.SweepSeconds(plan.AvailableCallsPerSecond)), plan.IntervalSecondsMin(task),
        [
            .. task.Configurations.Select(config => new ConfigurationPlanAnswer(
                config.Configuration.Id, config.Configuration.Name, config.Cards, config.Configuration.IntervalSeconds, AccountPlanAnswer.Round(config.NeededCallsPerSecond))),
        ]);

    private static double? Rounded(double? seconds) => seconds is { } s ? AccountPlanAnswer.Round(s) : null;
}

/// <summary>What a configuration needs of an account.</summary>
/// <param name="Id">The configuration.</param>
/// <param name="Name">Its name.</param>
/// <param name="Cards">Cards that it rules.</param>
/// <param name="IntervalSeconds">Its interval.</param>
/// <param name="NeededCallsPerSecond">Calls for them.</param>
internal sealed record ConfigurationPlanAnswer(int Id, string Name, long Cards, int IntervalSeconds, double NeededCallsPerSecond);

/// <summary>What would make an account fit.</summary>
/// <param name="CallsPerSecond">As many calls a second, when that is the tightest limit; else null.</param>
/// <param name="CallsPer5Minutes">As many calls in five minutes, when that is the tightest limit; else null.</param>
/// <param name="CallsPerMonth">As many calls a month, when that is the tightest limit; else null.</param>
/// <param name="CardsPerCall">As many cards a call; null = not even the most that a call can name.</param>
/// <param name="IntervalFactor">All its intervals so many times as long; null = however long, since no calls are left.</param>
internal sealed record WouldFitAnswer(
    long? CallsPerSecond, [property: JsonPropertyName("calls_per_5_minutes")] long? CallsPer5Minutes, long? CallsPerMonth, int? CardsPerCall, double? IntervalFactor)
{
    public static WouldFitAnswer Of(AccountPlan plan) => new(
        Needed(plan, CallLimit.Second), Needed(plan, CallLimit.FiveMinutes), Needed(plan, CallLimit.Month), plan.CardsPerCallNeeded,
        plan.IntervalFactor is { } factor ? Math.Ceiling(factor * 1000) / 1000 : null);

    private static long? Needed(AccountPlan plan, CallLimit limit) => plan.LimitedBy == limit ? plan.QuotaNeeded : null;
}

/// <summary>What a fleet would need of a quota that it does not have yet.</summary>
/// <param name="Cards">Cards.</param>
/// <param name="CallsPerSecond">Calls a second.</param>
/// <param name="CardsPerCall">Cards a call.</param>
/// <param name="CallsPerSweep">Calls to ask about each card once.</param>
/// <param name="SweepSeconds">Time for that with the whole quota.</param>
/// <param name="AvailableCallsPerSecond">What of the quota polling would have: less the reserve, and a tenth by which a second is reckoned longer.</param>
/// <param name="IntervalSecondsMin">The shortest interval that this allows.</param>
/// <param name="IntervalSeconds">The interval asked for; null = none.</param>
/// <param name="NeededCallsPerSecond">What it needs.</param>
/// <param name="Fits">Whether it fits.</param>
/// <param name="CallsPerSecondNeeded">The quota with which it would.</param>
internal sealed record WhatIfAnswer(
    long Cards, int CallsPerSecond, int CardsPerCall, long CallsPerSweep, double SweepSeconds, double AvailableCallsPerSecond, long IntervalSecondsMin,
    int? IntervalSeconds, double? NeededCallsPerSecond, bool? Fits, long? CallsPerSecondNeeded);
