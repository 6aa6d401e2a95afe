using System.Globalization;

namespace Polling.MockGateway.Usage;

/// <summary>Bytes in a carrier's units, two decimals, cut off; and how many bytes a reader makes of that.</summary>
internal readonly record struct Told(string Text, long Bytes)
{
    public static Told InKilobytes(long bytes) => Of(bytes, 1024);

    public static Told InMegabytes(long bytes) => Of(bytes, 1024 * 1024);

    private static Told Of(long bytes, long unit)
    {
        var value = decimal.Truncate((decimal)bytes * 100 / unit) / 100;
        return new(value.ToString("F2", CultureInfo.InvariantCulture), (long)(value * unit));
    }
}
