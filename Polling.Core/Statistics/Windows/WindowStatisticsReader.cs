using System.Globalization;
using Polling.Core.Configuration;
using Polling.Core.Queue;
using Polling.Core.Queue.Lateness;
using StackExchange.Redis;

namespace Polling.Core.Statistics.Windows;

/// <summary>Reads what happened in a window. Costs at most 31 hashes, whatever the number of cards.</summary>
public sealed class WindowStatisticsReader(IConnectionMultiplexer redis, RedisKeys keys)
{
    /// <summary>What happened to a task type's cards.</summary>
    /// <param name="type">Task type.</param>
    /// <param name="window">Which window.</param>
    /// <param name="at">Its end; default: now, by Redis' clock.</param>
    /// <exception cref="RedisException">Redis does not answer.</exception>
    public async Task<WindowStatistics> ReadAsync(TaskType type, StatisticsWindow window, DateTimeOffset? at = null)
    {
        var now = at ?? await NowAsync();
        var sums = await SumAsync(window, now, (tier, slot) => keys.StatisticsSlot(type, tier, slot));
        return Statistics(window, now, sums);
    }

    /// <summary>The same for each account that anything happened to.</summary>
    /// <inheritdoc cref="ReadAsync"/>
    public async Task<IReadOnlyDictionary<int, WindowStatistics>> ReadAccountsAsync(TaskType type, StatisticsWindow window, DateTimeOffset? at = null)
    {
        var now = at ?? await NowAsync();
        var sums = await SumAsync(window, now, (tier, slot) => keys.StatisticsAccountsSlot(type, tier, slot));
        return sums
            .Select(sum => (Colon: sum.Key.IndexOf(':', StringComparison.Ordinal), sum.Key, sum.Value))
            .GroupBy(sum => int.Parse(sum.Key.AsSpan(0, sum.Colon), CultureInfo.InvariantCulture))
            .ToDictionary(account => account.Key, account => Statistics(window, now, account.ToDictionary(sum => sum.Key[(sum.Colon + 1)..], sum => sum.Value)));
    }

    private async Task<DateTimeOffset> NowAsync()
    {
        var time = (RedisResult[])(await redis.GetDatabase().ExecuteAsync("TIME"))!;
        return DateTimeOffset.FromUnixTimeMilliseconds((long)time[0] * 1000 + (long)time[1] / 1000);
    }

    private async Task<Dictionary<string, long>> SumAsync(StatisticsWindow window, DateTimeOffset now, Func<string, long, RedisKey> key)
    {
        var database = redis.GetDatabase();
        var (tier, first, last) = window.Slots(now);
        var slots = new List<Task<HashEntry[]>>();
        for (var slot = first; slot <= last; slot++)
        {
            slots.Add(database.HashGetAllAsync(key(tier.Name, slot)));
        }

        var sums = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var entry in (await Task.WhenAll(slots)).SelectMany(entries => entries))
        {
            var figure = (string)entry.Name!;
            sums[figure] = sums.GetValueOrDefault(figure) + (long)entry.Value;
        }

        return sums;
    }

    private static WindowStatistics Statistics(StatisticsWindow window, DateTimeOffset now, Dictionary<string, long> sums)
    {
        var (tier, first, _) = window.Slots(now);
        var total = Sum("success") + Sum("failed");
        var late = Buckets("l:");
        return new WindowStatistics
        {
            Window = window,
            From = tier.BeginOf(first),
            To = now,
            Admitted = Sum("admitted"),
            Calls = Sum("calls"),
            Success = Sum("success"),
            Failed = Sum("failed"),
            Refused = Sum("refused"),
            AvgDurationMs = total == 0 ? null : Math.Round((double)Sum("duration_ms") / total, 1),
            Duration = TimeSpread.Of([.. Buckets("d:").Select(b => KeyValuePair.Create(b.Bucket, b.Count))]),
            Lateness = TimeSpread.Of([.. late.GroupBy(b => b.Bucket).Select(b => KeyValuePair.Create(b.Key, b.Sum(c => c.Count)))]),
            LatenessByCause = late.GroupBy(b => b.Name).ToDictionary(
                cause => LatenessCauses.Parse(cause.Key), cause => TimeSpread.Of([.. cause.Select(b => KeyValuePair.Create(b.Bucket, b.Count))])),
            Errors = sums.Where(sum => sum.Key.StartsWith("e:", StringComparison.Ordinal)).ToDictionary(sum => sum.Key[2..], sum => sum.Value),
        };

        long Sum(string figure) => sums.GetValueOrDefault(figure);

        // "<prefix><bucket>" or "<prefix><name>:<bucket>".
        List<(string Name, int Bucket, long Count)> Buckets(string prefix) =>
        [
            .. sums.Where(sum => sum.Key.StartsWith(prefix, StringComparison.Ordinal)).Select(sum =>
            {
                var colon = sum.Key.LastIndexOf(':');
                var name = colon < prefix.Length ? "" : sum.Key[prefix.Length..colon];
                return (name, int.Parse(sum.Key.AsSpan(colon + 1), CultureInfo.InvariantCulture), sum.Value);
            }),
        ];
    }
}
