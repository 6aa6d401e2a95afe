namespace Polling.Benchmarks.Cards;

/// <summary>What carriers grant an account, by its size: ten to twenty calls a second are common, large customers buy more.</summary>
/// <param name="CallsPerSecond">Calls a second.</param>
/// <param name="MaxInFlight">Calls at once.</param>
internal sealed record RealisticQuota(int CallsPerSecond, int MaxInFlight)
{
    /// <summary>The quota of an account with so many cards.</summary>
    public static RealisticQuota Of(long cards) => cards switch
    {
        < 50_000 => new(10, 20),
        < 250_000 => new(20, 50),
        < 1_000_000 => new(40, 100),
        _ => new(80, 100),
    };
}
