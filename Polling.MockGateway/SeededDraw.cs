using Polling.MockGateway.Cards;

namespace Polling.MockGateway;

/// <summary>
/// Random numbers that are a function of (seed, purpose, subject), so that a run can be repeated. The mixing is SplitMix64
/// (Steele, Lea, Flood 2014), which spreads neighbouring inputs well.
/// </summary>
internal static class SeededDraw
{
    /// <summary>What a number is drawn for; each purpose has numbers of its own.</summary>
    internal enum Purpose
    {
        InitiallyNamed = 1,
        NamedAfter = 2,
        LatencyRadius = 3,
        LatencyAngle = 4,
        Fault = 5,
        UsageRadius = 6,
        UsageAngle = 7,
        Package = 8,
        LostAnswer = 9,
        RubbishKind = 10,
        FailedJob = 11,
        Token = 12,
        LateReading = 13,
        FallingReading = 14,
    }

    /// <summary>A number in [0, 1) for a card.</summary>
    public static double Of(long seed, Purpose purpose, CardId card) =>
        ToUnit(Mix(Mix(Mix((ulong)seed + (ulong)purpose) ^ card.High) ^ card.Low));

    /// <summary>A number in [0, 1) for the n-th call of an account, given a hash of the account's code.</summary>
    public static double Of(long seed, Purpose purpose, ulong account, long call) =>
        ToUnit(Mix(Mix(Mix((ulong)seed + (ulong)purpose) ^ account) ^ (ulong)call));

    /// <summary>A hash of a text that is the same in every process (FNV-1a).</summary>
    public static ulong Hash(string text)
    {
        var hash = 14695981039346656037UL;
        foreach (var c in text)
        {
            hash = (hash ^ c) * 1099511628211UL;
        }

        return hash;
    }

    private static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15UL;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9UL;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EBUL;
        return value ^ (value >> 31);
    }

    private static double ToUnit(ulong value) => (value >> 11) * (1.0 / (1UL << 53));
}
