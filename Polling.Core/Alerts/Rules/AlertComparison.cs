namespace Polling.Core.Alerts.Rules;

/// <summary>How a value is compared with its threshold.</summary>
public static class AlertComparison
{
    public const string Greater = ">";

    public const string Less = "<";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Greater, ">=", Less, "<=", "==", "!="];

    /// <summary>For messages.</summary>
    public static string Names { get; } = string.Join(", ", All);

    /// <summary>Whether "value comparison threshold" holds.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such comparison.</exception>
    public static bool Holds(string comparison, double value, double threshold) => comparison switch
    {
        Greater => value > threshold,
        ">=" => value >= threshold,
        Less => value < threshold,
        "<=" => value <= threshold,
        "==" => value == threshold,
        "!=" => value != threshold,
        _ => throw new ArgumentOutOfRangeException(nameof(comparison), comparison, $"not one of {Names}"),
    };
}
