using System.Globalization;
using Polling.Benchmarks.Units;

namespace Polling.Benchmarks.Reports;

/// <summary>Places values from 0 (bottom) to 1 (top), and calls the lines of the grid.</summary>
/// <param name="Ticks">Values that have a line.</param>
/// <param name="Place">From a value to its place.</param>
/// <param name="Text">What a value is called.</param>
internal sealed record ChartAxis(IReadOnlyList<double> Ticks, Func<double, double> Place, Func<double, string> Text)
{
    private const int TicksAbout = 5;
    private static readonly double[] Milliseconds = [1, 10, 100, 1_000, 10_000, 60_000, 600_000, 3_600_000, 36_000_000, 360_000_000];
    private static readonly double[] Durations = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800, 86_400];

    /// <summary>From 0 to a round number that is not below any value.</summary>
    public static ChartAxis Linear(IEnumerable<double> values, Func<double, string> text)
    {
        var max = Math.Max(1e-9, values.DefaultIfEmpty().Max());
        var step = Step(max);
        var count = Math.Max(1, (int)Math.Ceiling(max / step - 1e-9));
        return new ChartAxis([.. Enumerable.Range(0, count + 1).Select(i => i * step)], value => Math.Clamp(value / (count * step), 0, 1), text);
    }

    /// <summary>Multiples of 1 MiB.</summary>
    public static ChartAxis Bytes(IEnumerable<double> values)
    {
        const double Mebibyte = 1 << 20;
        var inner = Linear(values.Select(bytes => bytes / Mebibyte), _ => "");
        return new ChartAxis([.. inner.Ticks.Select(tick => tick * Mebibyte)], bytes => inner.Place(bytes / Mebibyte), bytes => bytes == 0 ? "0" : HumanNumber.Bytes(bytes));
    }

    /// <summary>Milliseconds by their logarithm, from 1 on: what matters is whether it is milliseconds, seconds or minutes.</summary>
    public static ChartAxis LogarithmicMs(IEnumerable<double> values)
    {
        var max = values.DefaultIfEmpty().Max();
        var ticks = Milliseconds.Take(Math.Max(3, Array.FindIndex(Milliseconds, tick => tick >= max) + 1)).ToArray();
        return new ChartAxis(ticks, ms => Math.Clamp(Math.Log(Math.Max(1, ms)) / Math.Log(ticks[^1]), 0, 1), Duration);
    }

    /// <summary>Times on the x axis.</summary>
    public static IReadOnlyList<double> Times(double from, double to)
    {
        var step = Durations.FirstOrDefault(duration => (to - from) / duration <= 8, Durations[^1]);
        return [.. Enumerable.Range(0, (int)((to - from) / step) + 1).Select(i => from + i * step)];
    }

    /// <summary>1 ms, 10 s, 5 min.</summary>
    public static string Duration(double ms) => ms switch
    {
        < 1_000 => string.Create(CultureInfo.InvariantCulture, $"{ms:0.##} ms"),
        < 60_000 => string.Create(CultureInfo.InvariantCulture, $"{ms / 1_000:0.##} s"),
        < 3_600_000 => string.Create(CultureInfo.InvariantCulture, $"{ms / 60_000:0.##} min"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{ms / 3_600_000:0.##} h"),
    };

    // 1, 2, 2.5 or 5 times a power of ten.
    private static double Step(double max)
    {
        var raw = max / TicksAbout;
        var power = Math.Pow(10, Math.Floor(Math.Log10(raw)));
        return new[] { 1, 2, 2.5, 5, 10 }.Select(factor => factor * power).First(step => step >= raw * (1 - 1e-9));
    }
}
