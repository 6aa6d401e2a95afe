using Polling.Core.Alerts;
using Polling.Core.Alerts.Evaluation;
using Polling.Core.Alerts.Rules;

namespace Polling.Core.Persistence.Alerts;

/// <summary>A change to write.</summary>
/// <param name="State">The state to keep.</param>
/// <param name="Change">What has happened.</param>
/// <param name="Rule">The rule; null = it was deleted.</param>
/// <param name="Reading">What was measured; null = nothing was.</param>
/// <param name="Reason">With <see cref="AlertChange.Resolved"/>: one of <see cref="AlertResolveReasons"/>.</param>
public sealed record AlertStep(AlertState State, AlertChange Change, AlertRule? Rule, AlertReading? Reading, string? Reason = null)
{
    /// <summary>Nothing is left of the state: the rule no longer looks at its subject.</summary>
    public bool IsForgotten { get; init; }
}

/// <summary>What a step has led to, for the log.</summary>
/// <param name="Step">The step.</param>
/// <param name="Entry">The history's entry, as it is now.</param>
public sealed record AlertOutcome(AlertStep Step, AlertHistoryEntry Entry);
