using System.Globalization;
using System.Text.Json;
using Polling.MockGateway.Faults;
using Polling.MockGateway.PassThrough;

namespace Polling.MockGateway.Control;

/// <summary>The ranges of <see cref="Behaviour"/>, for the configuration and for the control API.</summary>
internal static class BehaviourRules
{
    private const int DaySeconds = 86_400;
    private const int WeekSeconds = 604_800;

    /// <summary>A value that breaks a rule.</summary>
    internal sealed record Failure(string Section, string Field, string Value, string Rule)
    {
        /// <summary>As the control API spells it: <c>latency.median_ms</c>.</summary>
        public string JsonPath => $"{JsonNamingPolicy.SnakeCaseLower.ConvertName(Section)}.{JsonName(Field)}";

        public string Sentence => $"is {Value}; it must be {Rule}";

        public string ForConfiguration() => $"{MockGatewayOptions.Section}:Behaviour:{Section}:{Field} {Sentence}";

        private static string JsonName(string field) => field switch
        {
            nameof(FaultBehaviour.Http500) => BehaviourJson.Http500,
            nameof(FaultBehaviour.Http429) => BehaviourJson.Http429,
            _ => JsonNamingPolicy.SnakeCaseLower.ConvertName(field),
        };
    }

    public static IEnumerable<Failure> Check(Behaviour behaviour)
    {
        var (latency, faults, naming, quotas) = (behaviour.Latency, behaviour.Faults, behaviour.Naming, behaviour.Quotas);
        var found = new List<Failure?>
        {
            Range("Latency", nameof(latency.MedianMs), latency.MedianMs, 60_000),
            Range("Latency", nameof(latency.Sigma), latency.Sigma, 3),
            Range("Latency", nameof(latency.MaxMs), latency.MaxMs, 600_000),
            Range("Faults", nameof(faults.Http500), faults.Http500, 1),
            Range("Faults", nameof(faults.OtherError), faults.OtherError, 1),
            Range("Faults", nameof(faults.Hang), faults.Hang, 1),
            Range("Faults", nameof(faults.HangSeconds), faults.HangSeconds, 600),
            Range("Faults", nameof(faults.Truncated), faults.Truncated, 1),
            Range("Faults", nameof(faults.Http429), faults.Http429, 1),
            Range("Faults", nameof(faults.WrongCard), faults.WrongCard, 1),
            Range("Faults", nameof(faults.Rubbish), faults.Rubbish, 1),
            Range("Faults", nameof(faults.LostAnswer), faults.LostAnswer, 1),
            faults.RubbishKind.Length == 0 || RubbishKind.All.Contains(faults.RubbishKind)
                ? null
                : new("Faults", nameof(faults.RubbishKind), $"'{faults.RubbishKind}'", $"empty (any), or one of {string.Join(", ", RubbishKind.All)}"),
            Range("Readings", nameof(behaviour.Readings.LagSeconds), behaviour.Readings.LagSeconds, WeekSeconds),
            Range("Readings", nameof(behaviour.Readings.LateSeconds), behaviour.Readings.LateSeconds, WeekSeconds),
            Range("Readings", nameof(behaviour.Readings.LateShare), behaviour.Readings.LateShare, 1),
            Range("Readings", nameof(behaviour.Readings.FallingShare), behaviour.Readings.FallingShare, 1),
            Range("Readings", nameof(behaviour.Readings.Factor), behaviour.Readings.Factor, 1e6),
            behaviour.Access.TokenSeconds is >= 1 and <= WeekSeconds
                ? null
                : new("Access", nameof(behaviour.Access.TokenSeconds), Text(behaviour.Access.TokenSeconds), $"a whole number from 1 to {WeekSeconds}"),
            Range("Jobs", nameof(behaviour.Jobs.Seconds), behaviour.Jobs.Seconds, DaySeconds),
            Range("Jobs", nameof(behaviour.Jobs.FailedShare), behaviour.Jobs.FailedShare, 1),
            Range("Naming", nameof(naming.InitialShare), naming.InitialShare, 1),
            Range("Naming", nameof(naming.MeanSeconds), naming.MeanSeconds, 1e9),
            Quota(nameof(quotas.CallsPerSecond), quotas.CallsPerSecond),
        };
        found.AddRange(quotas.Accounts.Select(own => Quota($"Accounts[{own.Key}]", own.Value)));
        found.AddRange(PassThroughRules.Check(behaviour.PassThrough));
        var sum = faults.Http500 + faults.OtherError + faults.Hang + faults.Truncated + faults.Http429 + faults.WrongCard + faults.Rubbish;
        if (sum > 1 + 1e-9)
        {
            found.Add(new(
                "Faults", "Sum", Text(sum), "at most 1: http_500, other_error, hang, truncated, http_429, wrong_card and rubbish are shares of the same calls"));
        }

        return found.OfType<Failure>();
    }

    private static Failure? Range(string section, string field, double value, double max) =>
        value >= 0 && value <= max ? null : new(section, field, Text(value), $"a number from 0 to {Text(max)}");

    private static Failure? Quota(string field, int value) =>
        value is >= 1 and <= 1_000_000 ? null : new("Quotas", field, Text(value), "a whole number from 1 to 1000000");

    private static string Text(double value) => value.ToString("0.######", CultureInfo.InvariantCulture);
}
