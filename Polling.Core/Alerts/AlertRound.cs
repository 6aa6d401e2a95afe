using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Polling.Core.Alerts.Evaluation;
using Polling.Core.Alerts.Rules;
using Polling.Core.Persistence;
using Polling.Core.Persistence.Alerts;

namespace Polling.Core.Alerts;

/// <summary>Measures what the given rules look at.</summary>
public delegate Task<IReadOnlyDictionary<int, IReadOnlyList<AlertReading>>> AlertMeasure(
    IReadOnlyCollection<AlertRule> rules, CancellationToken cancellation);

/// <summary>
/// One evaluation of all rules of some types. The rules are read anew each time, so a table that was restored meanwhile is in force at
/// once. One process at a time does it for the same types; a second one would only fail at the fence.
/// </summary>
public sealed partial class AlertRound(AlertStore store, IServiceScopeFactory scopes, ILogger<AlertRound> logger)
{
    /// <summary>A restore empties the table for a moment: a rule counts as deleted when it has been gone for this long.</summary>
    private static readonly TimeSpan DeletedAfter = TimeSpan.FromSeconds(10);

    private readonly Dictionary<int, DateTimeOffset> _missing = [];
    private readonly Dictionary<int, string> _reported = [];
    private bool _isTableMissing;

    /// <summary>Evaluates.</summary>
    /// <param name="isMine">Which rule types.</param>
    /// <param name="measure">Measures.</param>
    /// <param name="fence">Fails when another may be evaluating by now.</param>
    /// <param name="cancellation">Cancels.</param>
    public async Task RunAsync(
        Func<string, bool> isMine, AlertMeasure measure, Func<NpgsqlTransaction, Task> fence, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(isMine);
        ArgumentNullException.ThrowIfNull(measure);
        await using var scope = scopes.CreateAsyncScope();
        var picture = await store.ReadAsync(scope.ServiceProvider.GetRequiredService<PollingDbContext>(), cancellation);
        if (picture.Rules is not { } rules)
        {
            ReportTable(isMissing: true);
            return;
        }

        ReportTable(isMissing: false);
        var mine = rules.Where(rule => isMine(rule.RuleType)).ToArray();
        ReportProblems(mine);
        var evaluated = mine.Where(rule => rule.IsEnabled && AlertRuleCheck.Check(rule).Count == 0).ToArray();
        var states = picture.States.Where(state => isMine(state.RuleType)).ToDictionary(state => (state.RuleId, state.Subject));
        var readings = evaluated.Length > 0 ? await measure(evaluated, cancellation) : new Dictionary<int, IReadOnlyList<AlertReading>>();
        var steps = new List<AlertStep>();
        foreach (var rule in evaluated)
        {
            foreach (var reading in readings[rule.Id])
            {
                Add(steps, rule, reading, states, picture.Now);
            }
        }

        steps.AddRange(Endings(rules, evaluated, readings, states.Values, picture.Now));
        if (steps.Count > 0)
        {
            Report(await store.WriteAsync(steps, picture.Now, fence, cancellation));
        }
    }

    private static void Add(
        List<AlertStep> steps, AlertRule rule, AlertReading reading, Dictionary<(int, string), AlertState> states, DateTimeOffset now)
    {
        var last = states.GetValueOrDefault((rule.Id, reading.Subject));
        if (last?.RuleType != rule.RuleType && last?.Status == AlertStatus.Firing)
        {
            // What fired was something else.
            steps.Add(End(last, rule, AlertResolveReasons.Changed, now));
        }

        var (state, change) = AlertEvaluation.Step(rule, last, reading, now);
        if (change != AlertChange.None)
        {
            steps.Add(new AlertStep(state, change, rule, reading, change == AlertChange.Resolved ? AlertResolveReasons.Recovered : null));
        }
    }

    // States that no reading belongs to any more.
    private IEnumerable<AlertStep> Endings(
        IReadOnlyList<AlertRule> rules, AlertRule[] evaluated, IReadOnlyDictionary<int, IReadOnlyList<AlertReading>> readings,
        IReadOnlyCollection<AlertState> states, DateTimeOffset now)
    {
        var known = rules.ToDictionary(rule => rule.Id);
        foreach (var id in _missing.Keys.Where(id => known.ContainsKey(id) || states.All(state => state.RuleId != id)).ToArray())
        {
            _missing.Remove(id);
        }

        foreach (var state in states)
        {
            if (!known.TryGetValue(state.RuleId, out var rule))
            {
                _missing.TryAdd(state.RuleId, now);
                if (now - _missing[state.RuleId] >= DeletedAfter)
                {
                    yield return End(state, null, AlertResolveReasons.Deleted, now);
                }
            }
            else if (!evaluated.Contains(rule))
            {
                // The cool-down goes on when it is switched on again.
                var reason = rule.IsEnabled ? AlertResolveReasons.Changed : AlertResolveReasons.Disabled;
                if (state.Status != AlertStatus.Ok || reason == AlertResolveReasons.Changed)
                {
                    yield return End(state, rule, reason, now) with { IsForgotten = reason == AlertResolveReasons.Changed };
                }
            }
            else if (readings[rule.Id].All(reading => reading.Subject != state.Subject))
            {
                yield return End(state, rule, AlertResolveReasons.Changed, now);
            }
        }
    }

    private static AlertStep End(AlertState state, AlertRule? rule, string reason, DateTimeOffset now)
    {
        var ended = state.Copy();
        (ended.Status, ended.Since, ended.SeenAt) = (AlertStatus.Ok, now, now);
        var change = state.Status == AlertStatus.Firing ? AlertChange.Resolved : AlertChange.Kept;
        return new AlertStep(ended, change, rule, null, reason) { IsForgotten = reason != AlertResolveReasons.Disabled };
    }

    private void ReportTable(bool isMissing)
    {
        if (isMissing && !_isTableMissing)
        {
            LogNoTable();
        }

        _isTableMissing = isMissing;
    }

    private void ReportProblems(IEnumerable<AlertRule> rules)
    {
        foreach (var rule in rules)
        {
            var problems = string.Join("; ", AlertRuleCheck.Check(rule).Select(problem => problem.Message));
            if (problems.Length == 0)
            {
                _reported.Remove(rule.Id);
            }
            else if (_reported.GetValueOrDefault(rule.Id) != problems)
            {
                _reported[rule.Id] = problems;
                LogInvalid(rule.Id, rule.Name, problems);
            }
        }
    }

    private void Report(IReadOnlyList<AlertOutcome> outcomes)
    {
        foreach (var (step, entry) in outcomes)
        {
            if (step.Change == AlertChange.Fired)
            {
                LogFired(entry.RuleName, entry.RuleId, entry.RuleType, entry.Subject, entry.Value, entry.Comparison, entry.Threshold, entry.Id);
            }
            else
            {
                LogResolved(entry.RuleName, entry.RuleId, entry.RuleType, entry.Subject, entry.ResolveValue, entry.ResolveReason, entry.Id);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "告警触发: rule \"{Rule}\" ({RuleId}, {RuleType}) of {Subject}: value {Value}, threshold {Comparison} {Threshold}; history {HistoryId}")]
    private partial void LogFired(
        string rule, int ruleId, string ruleType, string subject, double value, string comparison, double threshold, long historyId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "告警恢复: rule \"{Rule}\" ({RuleId}, {RuleType}) of {Subject}: value {Value}, {Reason}; history {HistoryId}")]
    private partial void LogResolved(string rule, int ruleId, string ruleType, string subject, double? value, string? reason, long historyId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Alert rule {RuleId} (\"{Rule}\") is not evaluated: {Problems}")]
    private partial void LogInvalid(int ruleId, string rule, string problems);

    [LoggerMessage(Level = LogLevel.Warning, Message = "There is no table tb_polling_alert_rule: no alert is evaluated until it is restored")]
    private partial void LogNoTable();
}
