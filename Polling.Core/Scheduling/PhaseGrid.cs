namespace Polling.Core.Scheduling;

/// <summary>
/// Stable phase: a card's due times lie on its own grid, <c>phase + k × interval</c>, so that there is neither a herd nor a drift.
/// </summary>
/// <remarks>
/// The phase is the card's place in the golden-ratio sequence, which spreads any run of ids evenly. The scripts compute the same
/// (<c>Queue/Scripts/includes/grid.lua</c>); a test compares the two. Exact for ids below 700 million.
/// </remarks>
public static class PhaseGrid
{
    /// <summary>2^24 ÷ 1.618…, odd: successive multiples visit every residue and stay far apart.</summary>
    private const long GoldenStep = 10_368_889;
    private const long Modulus = 1L << 24;

    /// <summary>The card's offset within a span, in milliseconds: 0 ≤ offset &lt; <paramref name="spanMs"/>.</summary>
    public static long Phase(long cardId, long spanMs) => (long)((double)(cardId * GoldenStep % Modulus) * spanMs / Modulus);

    /// <summary>
    /// The first point of the card's grid that is more than six tenths of an interval after <paramref name="fromMs"/> (Unix
    /// milliseconds): half an interval, so that no card is asked twice within it, and the tenth by which promotion may take a card
    /// along early to fill a call.
    /// </summary>
    public static long Next(long cardId, long intervalMs, long fromMs)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(intervalMs);
        var phase = Phase(cardId, intervalMs);
        var earliest = fromMs + intervalMs / 2 + intervalMs / 10 + 1;
        var steps = (earliest - phase + intervalMs - 1) / intervalMs;
        return phase + steps * intervalMs;
    }

    /// <summary>Whether a moment, Unix milliseconds, is a point of the card's grid.</summary>
    public static bool Holds(long cardId, long intervalMs, long atMs)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(intervalMs);
        return (atMs - Phase(cardId, intervalMs)) % intervalMs == 0;
    }
}
