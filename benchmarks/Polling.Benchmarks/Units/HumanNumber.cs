using System.Globalization;

namespace Polling.Benchmarks.Units;

/// <summary>Numbers as people read them.</summary>
internal static class HumanNumber
{
    private const double Mebibyte = 1 << 20;

    /// <summary>1,234,567; 12.34; 0.125.</summary>
    public static string Of(double value) => value.ToString(Math.Abs(value) >= 100 ? "#,0" : "0.###", CultureInfo.InvariantCulture);

    /// <summary>MiB, or GiB from 10 of them on.</summary>
    public static string Bytes(double bytes) => bytes >= 10 * 1024 * Mebibyte
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes / Mebibyte / 1024:0.0} GiB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / Mebibyte:#,0} MiB");

    /// <summary>Lateness, duration.</summary>
    public static string Ms(double? ms) => ms is { } value ? string.Create(CultureInfo.InvariantCulture, $"{value:#,0} ms") : "-";
}
