using Polling.Benchmarks.Api;

namespace Polling.Benchmarks.Scenarios;

/// <summary>
/// Puts spreads together of which only some percentiles are known. p50 and p95 take what lies between two of them as evenly spread; p99 takes the upper end of
/// each stretch, so that it is never too small.
/// </summary>
internal static class LatenessMix
{
    private const int FineSteps = 20;
    private static readonly (double Share, Func<Spread, double?> From, Func<Spread, double?> To)[] Stretches =
    [
        (0.50, _ => 0, spread => spread.P50Ms), (0.45, spread => spread.P50Ms, spread => spread.P95Ms), (0.04, spread => spread.P95Ms, spread => spread.P99Ms),
        (0.01, spread => spread.P99Ms, spread => spread.P99Ms),
    ];

    /// <summary>All of them as one.</summary>
    public static Spread Of(IEnumerable<Spread> spreads)
    {
        Spread[] known = [.. spreads.Where(spread => spread.Count > 0)];
        return known is [var one] ? one
            : new Spread(known.Sum(spread => spread.Count), At(known, 0.50, FineSteps), At(known, 0.95, FineSteps), At(known, 0.99, 1));
    }

    private static double? At(Spread[] spreads, double share, int steps)
    {
        var points = spreads.SelectMany(spread => Stretches.SelectMany(stretch => Enumerable.Range(1, steps).Select(step => (
                Ms: (stretch.From(spread) ?? 0) + ((stretch.To(spread) ?? 0) - (stretch.From(spread) ?? 0)) * step / steps,
                Cards: stretch.Share * spread.Count / steps))))
            .OrderBy(point => point.Ms).ToArray();
        var left = share * points.Sum(point => point.Cards) * (1 - 1e-9);
        foreach (var (ms, cards) in points)
        {
            if ((left -= cards) <= 0)
            {
                return Math.Round(ms);
            }
        }

        return null;
    }
}
