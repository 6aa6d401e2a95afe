using System.Globalization;
using Polling.Core.Configuration;
using Polling.Core.Statistics.Windows;
using StackExchange.Redis;

namespace Polling.Faults.Tests.Harness;

/// <summary>
/// How late cards were asked since it began, as the system itself counts it in its slots of ten seconds. Accounts that are late for their quota are left
/// out: they are late with or without a fault.
/// </summary>
internal sealed class Lateness
{
    private static readonly StatisticsTier Tier = StatisticsTier.TenSeconds;
    private readonly FaultSystem _system;
    private readonly long _first;
    private readonly Dictionary<Counted, long> _before;

    private Lateness(FaultSystem system, long first, Dictionary<Counted, long> before) => (_system, _first, _before) = (system, first, before);

    public static async Task<Lateness> BeginAsync(FaultSystem system)
    {
        var slot = await SlotAsync(system);
        return new Lateness(system, slot, await ReadAsync(system, slot, slot));
    }

    /// <summary>99 % of the cards of each task were asked within this time after they were due.</summary>
    public async Task AssertP99Async(TimeSpan bound)
    {
        var counted = await ReadAsync(_system, _first, await SlotAsync(_system));
        foreach (var (key, count) in _before)
        {
            counted[key] -= count;
        }

        foreach (var type in Fleet.Tasks)
        {
            var causes = counted.Where(count => count.Key.Type == type && count.Value > 0).ToLookup(count => count.Key.Cause);
            var all = Buckets(causes.SelectMany(cause => cause));
            var p99 = LogScale.Percentile(all, 0.99);
            var told = $"{type}: {all.Sum()} cards, p99 {p99:F0} ms; " + string.Join(
                "; ", causes.Select(cause => (Name: cause.Key, Buckets: Buckets(cause))).OrderBy(cause => cause.Name).Select(cause =>
                    $"{cause.Name}: {cause.Buckets.Sum()}, median {LogScale.Percentile(cause.Buckets, 0.5):F0}, longest {LogScale.Percentile(cause.Buckets, 1):F0} ms"));
            TestContext.Current.TestOutputHelper!.WriteLine(told);
            Assert.True(p99 < bound.TotalMilliseconds, $"99 % should be asked within {bound.TotalSeconds:F0} s. {told}");
        }
    }

    private static long[] Buckets(IEnumerable<KeyValuePair<Counted, long>> counts)
    {
        var buckets = new long[LogScale.BucketMax + 1];
        foreach (var (key, count) in counts)
        {
            buckets[key.Bucket] += count;
        }

        return buckets;
    }

    // "<account>:l:<cause>:<bucket>"
    private static async Task<Dictionary<Counted, long>> ReadAsync(FaultSystem system, long first, long last)
    {
        var counts = new Dictionary<Counted, long>();
        foreach (var type in Fleet.Tasks)
        {
            for (var slot = first; slot <= last; slot++)
            {
                foreach (var entry in await system.Database.HashGetAllAsync(system.Keys.StatisticsAccountsSlot(type, Tier.Name, slot)))
                {
                    var parts = ((string)entry.Name!).Split(':');
                    if (parts is [_, "l", _, _] && Fleet.Accounts.Single(account => account.Id == Number(parts[0])).HasCallsToSpare)
                    {
                        var key = new Counted(type, parts[2], Number(parts[3]));
                        counts[key] = counts.GetValueOrDefault(key) + (long)entry.Value;
                    }
                }
            }
        }

        return counts;
    }

    private static async Task<long> SlotAsync(FaultSystem system) =>
        Tier.SlotOf(DateTimeOffset.FromUnixTimeSeconds((long)((RedisResult[])(await system.Database.ExecuteAsync("TIME"))!)[0]));

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private readonly record struct Counted(TaskType Type, string Cause, int Bucket);
}
