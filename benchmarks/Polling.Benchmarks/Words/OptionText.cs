using System.Globalization;

namespace Polling.Benchmarks.Words;

/// <summary>Reads what options say. What is wrong is refused by the option's name, its value and what would be right.</summary>
internal static class OptionText
{
    // What Spectre.Console.Cli gives for an option at the end that lacks its value.
    private const string Missing = "__default_command";

    /// <summary>An integer; 250k and 1M are understood, and _ between digits.</summary>
    /// <exception cref="WordException">It is none, or out of range.</exception>
    public static long Number(string option, string text, long min, long max)
    {
        var digits = text.Trim().Replace("_", "", StringComparison.Ordinal);
        var factor = digits.Length > 1 ? char.ToUpperInvariant(digits[^1]) switch { 'K' => 1_000, 'M' => 1_000_000, _ => 1 } : 1;
        return long.TryParse(factor == 1 ? digits : digits[..^1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            && number >= min / factor && number * (Int128)factor is var value && value >= min && value <= max
            ? (long)value
            : throw new WordException($"{option} is '{(text == Missing ? "" : text)}'; it must be an integer from {min} to {max} (250k and 1M are understood).");
    }

    /// <summary>The same, or null when the option is not given.</summary>
    public static long? NumberOrNull(string option, string? text, long min, long max) => text is null ? null : Number(option, text, min, max);

    /// <summary>Where a server listens.</summary>
    /// <exception cref="WordException">It is no such address.</exception>
    public static Uri Address(string option, string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            ? new Uri(text.TrimEnd('/') + "/")
            : throw new WordException($"{option} is '{(text == Missing ? "" : text)}'; it must be an address such as http://localhost:3000.");
}
