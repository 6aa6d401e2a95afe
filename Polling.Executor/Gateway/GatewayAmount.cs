using System.Globalization;
using System.Text.Json;
using Polling.Executor.Checks;

namespace Polling.Executor.Gateway;

/// <summary>
/// A number as carriers send it: a JSON number, or a text with one and perhaps a unit behind it. Missing, null or a text of blanks is "no value" and
/// never 0. What is no number from 0 on is bad; it spoils this card's answer, not those of the whole call.
/// </summary>
/// <param name="Value">The number; null: none.</param>
/// <param name="Unit">The letters behind it; empty: none.</param>
/// <param name="IsBad">Something else stood there.</param>
internal readonly record struct GatewayAmount(decimal? Value, string Unit, bool IsBad)
{
    public const long Kilobyte = 1024;
    public const long Megabyte = 1024 * 1024;

    // No card uses so much; a little more would overflow.
    private const long BytesMax = 1L << 60;

    private static readonly GatewayAmount None = new(null, "", IsBad: false);
    private static readonly GatewayAmount Bad = new(null, "", IsBad: true);

    /// <summary>The number of a field.</summary>
    public static GatewayAmount Of(JsonElement? field) => field switch
    {
        null => None,
        { ValueKind: JsonValueKind.Number } number => number.TryGetDecimal(out var value) && value >= 0 ? new(value, "", IsBad: false) : Bad,
        { ValueKind: JsonValueKind.String } text => OfText(text.GetString()!.Trim()),
        _ => Bad,
    };

    /// <summary>In bytes, what is less than one cut off; or what is wrong with it (<see cref="Problem"/>); or neither: there is no value.</summary>
    /// <param name="unitBytes">Bytes in one of it.</param>
    /// <param name="unit">The unit that must stand behind it; empty: none.</param>
    public (long? Bytes, string? Problem) ToBytes(long unitBytes, string unit = "") => this switch
    {
        { IsBad: true } => (null, Problem.BadValue),
        { Value: null } => (null, null),
        { Value: { } value } when Unit == unit && value <= BytesMax / unitBytes => ((long)(value * unitBytes), null),
        _ => (null, Problem.BadValue),
    };

    /// <summary>As <see cref="ToBytes"/>, of a value that must be there.</summary>
    public (long Bytes, string? Problem) ToRequiredBytes(long unitBytes, string unit = "")
    {
        var (bytes, problem) = ToBytes(unitBytes, unit);
        return (bytes ?? 0, problem ?? (bytes is null ? Problem.NoValue : null));
    }

    private static GatewayAmount OfText(string text)
    {
        var digits = text.TrimEnd("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz").TrimEnd();
        return text.Length == 0 ? None
            : decimal.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
                ? new(value, text[digits.Length..].TrimStart(), IsBad: false)
                : Bad;
    }
}
