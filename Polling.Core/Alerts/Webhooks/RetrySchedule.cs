namespace Polling.Core.Alerts.Webhooks;

/// <summary>When a delivery is tried again: 5 s, 20 s, 80 s, … up to 4 h apart, a fifth more or less, for about a day.</summary>
public static class RetrySchedule
{
    /// <summary>Attempts in all; the last is some 22 hours after the first.</summary>
    public const int AttemptsMax = 12;

    private const double Jitter = 0.2;
    private static readonly TimeSpan First = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Longest = TimeSpan.FromHours(4);

    /// <summary>How long to wait after an attempt failed; null = no more.</summary>
    /// <param name="attempts">Attempts made, from 1.</param>
    /// <param name="draw">Between 0 and 1, random.</param>
    /// <param name="asked">What the receiver asked for, if it did; heeded up to the longest wait.</param>
    public static TimeSpan? After(int attempts, double draw, TimeSpan? asked = null)
    {
        if (attempts >= AttemptsMax)
        {
            return null;
        }

        var plain = Math.Min(First.TotalSeconds * Math.Pow(4, attempts - 1), Longest.TotalSeconds);
        var wait = TimeSpan.FromSeconds(plain * (1 - Jitter + (2 * Jitter * draw)));
        return asked is not { } least || least <= wait ? wait : least < Longest ? least : Longest;
    }
}
