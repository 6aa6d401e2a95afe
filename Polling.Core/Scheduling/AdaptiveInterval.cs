using Polling.Core.Configuration;

namespace Polling.Core.Scheduling;

/// <summary>When a card is checked next that will reach its limit at a time that can be foreseen.</summary>
public static class AdaptiveInterval
{
    // On its grid a card is due six to sixteen tenths of its interval after a check: see PhaseGrid.
    private const double LongestGridStep = 1.6;

    /// <summary>How long until the next check; null = the card's grid decides, as for cards of which nothing is foreseen.</summary>
    /// <param name="config">The configuration that rules the card.</param>
    /// <param name="overIn">How long until it reaches its limit at its rate of use; less than 0 when it should have by now.</param>
    public static TimeSpan? DueIn(PollingConfig config, TimeSpan overIn)
    {
        ArgumentNullException.ThrowIfNull(config);
        if (config.AdaptiveMinSeconds is not { } min)
        {
            return null;
        }

        var interval = TimeSpan.FromSeconds(config.IntervalSeconds);
        var longest = config.AdaptiveMaxSeconds is { } max ? TimeSpan.FromSeconds(max) : interval;
        if (longest == interval && overIn >= interval * LongestGridStep)
        {
            return null;
        }

        // An interval that was made shorter than the least bound later.
        var shortest = TimeSpan.FromSeconds(Math.Min(min, longest.TotalSeconds));
        return overIn < shortest ? shortest : overIn > longest ? longest : overIn;
    }
}
