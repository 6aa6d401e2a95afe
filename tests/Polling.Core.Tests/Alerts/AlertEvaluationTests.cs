using Polling.Core.Alerts.Evaluation;
using Polling.Core.Alerts.Rules;

namespace Polling.Core.Tests.Alerts;

/// <summary>
/// Each case is a row of values, one every 10 s (<c>-</c> = none, <c>n/s</c> = a value of s samples), and what each leads to: <c>.</c> ok,
/// <c>p</c> pending, <c>F</c> fires, <c>f</c> fires still, <c>R</c> is over.
/// </summary>
public sealed class AlertEvaluationTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]

    // At once, once, and over.
    [InlineData(">", 50, 0, 0, 0, "49 50 51 60 70 50 49", ". . F f f R .")]
    [InlineData(">=", 50, 0, 0, 0, "49 50 49", ". F R")]
    [InlineData("<", 90, 0, 0, 0, "91 90 89.9 90", ". . F R")]
    [InlineData("<=", 90, 0, 0, 0, "91 90 90.1", ". F R")]
    [InlineData("==", 0, 0, 0, 0, "1 0 1", ". F R")]
    [InlineData("!=", 0, 0, 0, 0, "0 1 0", ". F R")]

    // For half a minute without a break.
    [InlineData(">", 50, 30, 0, 0, "60 60 60 60 60", "p p p F f")]
    [InlineData(">", 50, 30, 0, 0, "60 60 60 1 60 60 60 60", "p p p . p p p F")]

    // Flapping with a cool-down of a minute: it fires again when that is over, if it is broken then.
    [InlineData(">", 50, 0, 60, 0, "60 1 60 1 60 1 60 60", "F R p . p . F f")]
    [InlineData(">", 50, 0, 60, 0, "60 1 60 60 60 60 60", "F R p p p p F")]
    [InlineData(">", 50, 20, 30, 0, "60 60 60 1 60 60 60 60", "p p F R p p F f")]

    // No data never fires, and is no recovery.
    [InlineData(">", 50, 0, 0, 0, "- - 60 - - 1 -", ". . F f f R .")]
    [InlineData(">", 50, 20, 0, 0, "60 60 - 60 60 60", "p p . p p F")]
    [InlineData("<", 90, 0, 0, 10, "0/0 0/9 0/10 0/3 95/9 95/10", ". . F f f R")]
    [InlineData("<", 90, 0, 0, 10, "-/100 0/9 100/10", ". . .")]
    public void Table(string comparison, double threshold, int forSeconds, int cooldown, long minSamples, string values, string expected)
    {
        var rule = Rule(comparison, threshold, forSeconds, cooldown, minSamples);
        var (seen, state, now) = (new List<string>(), (AlertState?)null, Start);
        foreach (var value in values.Split(' '))
        {
            // Whatever is kept survives the process: each step starts from a copy, as another scheduler would.
            var (next, change) = AlertEvaluation.Step(rule, state?.Copy(), Reading(value), now);
            seen.Add(Letter(next, change));
            state = change == AlertChange.None ? state : next;
            now = now.AddSeconds(10);
        }

        Assert.Equal(expected, string.Join(' ', seen));
    }

    [Fact]
    public void Another_scheduler_goes_on_where_the_last_one_was_but_not_over_a_gap()
    {
        var rule = Rule(">", 50, 30, 0, 0);
        var (pending, _) = AlertEvaluation.Step(rule, null, Reading("60"), Start);
        Assert.Equal(AlertChange.Kept, AlertEvaluation.Step(rule, pending, Reading("60"), Start.AddSeconds(29)).Change);
        Assert.Equal(AlertChange.Fired, AlertEvaluation.Step(rule, pending, Reading("60"), Start.AddSeconds(30)).Change);

        var (again, change) = AlertEvaluation.Step(rule, pending, Reading("60"), Start.AddSeconds(61));
        Assert.Equal((AlertChange.Kept, Start.AddSeconds(61)), (change, again.Since));
    }

    [Fact]
    public void What_is_known_of_another_type_does_not_count()
    {
        var (firing, _) = AlertEvaluation.Step(Rule(">", 50, 0, 600, 0), null, Reading("60"), Start);
        var other = Rule(">", 50, 0, 600, 0);
        other.RuleType = "quarantine";
        Assert.Equal(AlertChange.Fired, AlertEvaluation.Step(other, firing, Reading("60"), Start.AddSeconds(1)).Change);
    }

    private static string Letter(AlertState state, AlertChange change) => (state.Status, change) switch
    {
        (_, AlertChange.Fired) => "F",
        (_, AlertChange.Resolved) => "R",
        (AlertStatus.Firing, _) => "f",
        (AlertStatus.Pending, _) => "p",
        _ => ".",
    };

    private static AlertReading Reading(string text)
    {
        var parts = text.Split('/');
        return new AlertReading(
            "realname",
            parts[0] == "-" ? null : double.Parse(parts[0], System.Globalization.CultureInfo.InvariantCulture),
            parts.Length > 1 ? long.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture) : 0);
    }

    private static AlertRule Rule(string comparison, double threshold, int forSeconds, int cooldown, long minSamples) => new()
    {
        Id = 7,
        Name = "x",
        RuleType = "success_rate",
        Comparison = comparison,
        Threshold = threshold,
        ForSeconds = forSeconds,
        CooldownSeconds = cooldown,
        MinSamples = minSamples,
        IsEnabled = true,
    };
}
