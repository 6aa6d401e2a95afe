namespace Polling.Benchmarks.Cards;

/// <summary>Draws that are a function of (seed, number, purpose): the same on every machine, in any order.</summary>
internal readonly record struct SeededHash(long Seed)
{
    private const ulong Golden = 0x9E37_79B9_7F4A_7C15;

    /// <summary>From 0 to less than 1.</summary>
    public double Draw(long number, Purpose purpose) => (Mix(number, purpose) >> 11) * (1.0 / (1UL << 53));

    /// <summary>From 0 to less than <paramref name="below"/>.</summary>
    public int Draw(long number, Purpose purpose, int below) => (int)(Mix(number, purpose) % (ulong)below);

    // The finaliser of SplitMix64, once for each input.
    private ulong Mix(long number, Purpose purpose) => Finish(Finish(Finish((ulong)Seed + Golden) ^ (ulong)number) ^ ((ulong)purpose * Golden));

    private static ulong Finish(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9;
        z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB;
        return z ^ (z >> 31);
    }

    /// <summary>What is drawn for.</summary>
    internal enum Purpose
    {
        Lot,
        Status,
        RealName,
        Package,
    }
}
