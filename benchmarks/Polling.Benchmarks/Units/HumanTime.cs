using System.Globalization;

namespace Polling.Benchmarks.Units;

/// <summary>Durations as people say them: 850 ms, 59.5 s, 83.3 min, 138.9 h, 12.5 d.</summary>
internal static class HumanTime
{
    private const double Minute = 60;
    private const double Hour = 60 * Minute;

    // Hours up to a week of them: a sweep of 138.9 h is compared with others in hours.
    private const double Days = 7 * 24 * Hour;

    /// <summary>One decimal, of the unit that leaves at least two of it.</summary>
    /// <param name="seconds">0 or more.</param>
    public static string Of(double seconds) => seconds switch
    {
        < 1 => Text(seconds * 1000, "0", "ms"),
        < 2 * Minute => Text(seconds, "0.0", "s"),
        < 2 * Hour => Text(seconds / Minute, "0.0", "min"),
        < Days => Text(seconds / Hour, "0.0", "h"),
        _ => Text(seconds / (24 * Hour), "0.0", "d"),
    };

    /// <summary>The seconds, and beside them what people say.</summary>
    public static string Both(double seconds) => seconds < 2 * Minute ? Of(seconds) : string.Create(CultureInfo.InvariantCulture, $"{seconds:#,0.#} s = {Of(seconds)}");

    private static string Text(double value, string format, string unit) => value.ToString(format, CultureInfo.InvariantCulture) + " " + unit;
}
