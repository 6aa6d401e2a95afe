namespace Polling.Benchmarks.Cards;

/// <summary>Deals out whole numbers by weights.</summary>
internal static class Shares
{
    /// <summary>Parts in proportion to the weights, that sum up to the total exactly (largest remainders).</summary>
    public static long[] Apportion(long total, IReadOnlyList<double> weights)
    {
        var sum = weights.Sum();
        var exact = weights.Select(weight => total * weight / sum).ToArray();
        var parts = Array.ConvertAll(exact, part => (long)Math.Floor(part));
        var left = (int)(total - parts.Sum());
        foreach (var i in Enumerable.Range(0, parts.Length).OrderByDescending(i => exact[i] - parts[i]).ThenBy(i => i).Take(left))
        {
            parts[i]++;
        }

        return parts;
    }
}
