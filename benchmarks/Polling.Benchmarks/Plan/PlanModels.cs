using System.Text.Json.Serialization;

namespace Polling.Benchmarks.Plan;

/// <summary>What the planner answers: docs/planner.md.</summary>
internal sealed record FleetPlan(long Cards, double NeededCallsPerSecond, double AvailableCallsPerSecond, int AccountsThatDoNotFit, IReadOnlyList<AccountNeeds> Items);

internal sealed record AccountNeeds(
    int AccountId, string Code, int CardsPerCall, double QuotaCallsPerSecond, string LimitedBy, double AvailableCallsPerSecond, double NeededCallsPerSecond,
    double? LoadPercent, bool Fits, IReadOnlyList<TaskNeeds> Tasks, Remedies? WouldFit)
{
    /// <summary>Cards that any task asks about, as far as can be told: the most of one task.</summary>
    public long Cards => Tasks.Count == 0 ? 0 : Tasks.Max(task => task.Cards);
}

internal sealed record TaskNeeds(
    string TaskType, long Cards, double NeededCallsPerSecond, long CallsPerSweep, double? SweepSeconds, double? SweepSecondsAvailable, long? IntervalSecondsMin);

internal sealed record Remedies(
    long? CallsPerSecond, [property: JsonPropertyName("calls_per_5_minutes")] long? CallsPer5Minutes, long? CallsPerMonth, int? CardsPerCall, double? IntervalFactor);

internal sealed record QuotaAnswer(
    long Cards, int CallsPerSecond, int CardsPerCall, long CallsPerSweep, double SweepSeconds, double AvailableCallsPerSecond, long IntervalSecondsMin,
    int? IntervalSeconds, double? NeededCallsPerSecond, bool? Fits, long? CallsPerSecondNeeded);
