using System.Globalization;

namespace Polling.Executor.Gateway;

/// <summary>Times as carriers send them. Missing or blank is "no value"; what is no time, or none of this century, is bad.</summary>
/// <param name="Value">The time; null: none.</param>
/// <param name="IsBad">Something else stood there.</param>
internal readonly record struct GatewayTime(DateTimeOffset? Value, bool IsBad)
{
    private const int FirstYear = 2000;
    private const int LastYear = 2099;

    private static readonly GatewayTime Bad = new(null, IsBad: true);

    /// <summary>ISO 8601; without an offset UTC.</summary>
    public static GatewayTime OfIso(string? text) => text is null ? default
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? Plausible(time)
        : Bad;

    /// <summary>In a format of digits, by a clock that is so far ahead of UTC.</summary>
    public static GatewayTime OfDigits(string? text, string format, TimeSpan offset) => text is null ? default
        : DateTime.TryParseExact(text, format, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) && IsPlausible(time.Year)
            ? Plausible(new DateTimeOffset(time, offset))
            : Bad;

    /// <summary>A day as yyyy-MM-dd.</summary>
    public static (DateOnly? Day, bool IsBad) OfDay(string? text) => text is null ? default
        : DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && IsPlausible(day.Year)
            ? (day, false)
            : (null, true);

    private static GatewayTime Plausible(DateTimeOffset time) => IsPlausible(time.Year) ? new GatewayTime(time, IsBad: false) : Bad;

    private static bool IsPlausible(int year) => year is >= FirstYear and <= LastYear;
}
