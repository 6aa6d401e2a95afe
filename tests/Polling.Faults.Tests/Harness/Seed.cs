using System.Globalization;

namespace Polling.Faults.Tests.Harness;

/// <summary>Where and when a randomised fault strikes follows one number, which is printed and can be given again.</summary>
internal static class Seed
{
    /// <summary>How often the long variant of a fault is repeated: <c>POLLING_ROUNDS</c>, 10 when not set.</summary>
    public static int Rounds { get; } =
        int.TryParse(Environment.GetEnvironmentVariable("POLLING_ROUNDS"), CultureInfo.InvariantCulture, out var rounds) ? rounds : 10;

    public static Random Take(ITestOutputHelper output)
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("POLLING_SEED"), CultureInfo.InvariantCulture, out var given) ? given : Random.Shared.Next();
        output.WriteLine($"seed {seed}; replay with POLLING_SEED={seed}");
        return new Random(seed);
    }

    /// <summary>A random time up to the longest.</summary>
    public static TimeSpan Upto(this Random random, TimeSpan longest) => longest * random.NextDouble();
}
