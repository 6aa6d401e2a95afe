namespace Polling.Benchmarks.Figures;

internal static class Medians
{
    /// <summary>The value in the middle; of an even number the upper one of the two.</summary>
    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }
}
