using Polling.Core.Alerts.Rules;

namespace Polling.Core.Alerts.Evaluation;

/// <summary>What an evaluation has led to.</summary>
public enum AlertChange
{
    /// <summary>Nothing to remember.</summary>
    None,

    /// <summary>The state has to be kept, nobody is told.</summary>
    Kept,

    /// <summary>It fires.</summary>
    Fired,

    /// <summary>It fires no more.</summary>
    Resolved,
}

/// <summary>One step of a rule and a subject: from the last state and what is measured now to the next state.</summary>
/// <remarks>
/// <para>ok → pending: the rule is broken. pending → firing: it has been broken for <see cref="AlertRule.ForSeconds"/>, and the last firing is
/// <see cref="AlertRule.CooldownSeconds"/> ago. firing → ok, pending → ok: it is kept.</para>
/// <para>Without a value (nothing measured, or too few samples) nothing fires: pending goes back to ok. What fires goes on firing, as
/// silence is no recovery.</para>
/// </remarks>
public static class AlertEvaluation
{
    /// <summary>Evaluations are seconds apart. When none was made for this long, nobody knows what was in between: pending begins anew.</summary>
    public static readonly TimeSpan GapMax = TimeSpan.FromMinutes(1);

    /// <summary>Evaluates.</summary>
    /// <param name="rule">A rule without problems.</param>
    /// <param name="last">The last state, which is left as it is; null = none.</param>
    /// <param name="reading">What is measured.</param>
    /// <param name="now">Now, by the database's clock, as all states are.</param>
    public static (AlertState State, AlertChange Change) Step(AlertRule rule, AlertState? last, AlertReading reading, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(rule);
        ArgumentNullException.ThrowIfNull(reading);
        var state = last?.RuleType == rule.RuleType
            ? last.Copy()
            : new AlertState { RuleId = rule.Id, Subject = reading.Subject, RuleType = rule.RuleType, Since = now, SeenAt = now };
        var value = reading.Samples < rule.MinSamples ? null : reading.Value;
        if (value is not { } known)
        {
            return state.Status == AlertStatus.Pending ? To(AlertStatus.Ok, AlertChange.Kept) : (state, AlertChange.None);
        }

        if (!AlertComparison.Holds(rule.Comparison, known, rule.Threshold))
        {
            return state.Status switch
            {
                AlertStatus.Firing => To(AlertStatus.Ok, AlertChange.Resolved),
                AlertStatus.Pending => To(AlertStatus.Ok, AlertChange.Kept),
                _ => (state, AlertChange.None),
            };
        }

        if (state.Status == AlertStatus.Firing)
        {
            return (state, AlertChange.None);
        }

        if (state.Status == AlertStatus.Ok || now - state.SeenAt > GapMax)
        {
            (state.Status, state.Since) = (AlertStatus.Pending, now);
        }

        state.SeenAt = now;
        var isLongEnough = now - state.Since >= TimeSpan.FromSeconds(rule.ForSeconds);
        var isCool = state.FiredAt is not { } fired || now - fired >= TimeSpan.FromSeconds(rule.CooldownSeconds);
        if (!isLongEnough || !isCool)
        {
            return (state, AlertChange.Kept);
        }

        state.FiredAt = now;
        return To(AlertStatus.Firing, AlertChange.Fired);

        (AlertState, AlertChange) To(AlertStatus status, AlertChange change)
        {
            (state.Status, state.Since, state.SeenAt) = (status, now, now);
            return (state, change);
        }
    }
}
