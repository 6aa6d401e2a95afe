using Polling.Core.Configuration;
using Polling.Core.Queue;
using Polling.Core.Queue.Epochs;
using StackExchange.Redis;

namespace Polling.Core.Statistics.Windows;

/// <summary>Reads what happened in a window. Costs the hash that is being written to, and once each that is over (<see cref="SlotReader"/>).</summary>
public sealed class WindowStatisticsReader(IConnectionMultiplexer redis, RedisKeys keys)
{
    private const int NoAccount = 0;
    private readonly SlotReader _slots = new(redis, keys);

    /// <summary>What happened to a task type's cards.</summary>
    /// <param name="type">Task type.</param>
    /// <param name="window">Which window.</param>
    /// <param name="at">Its end; default: now, by Redis' clock.</param>
    /// <exception cref="RedisException">Redis does not answer.</exception>
    public async Task<WindowStatistics> ReadAsync(TaskType type, StatisticsWindow window, DateTimeOffset? at = null)
    {
        var all = await ReadAsync(type, window, at, ofAccounts: false);
        return all[NoAccount];
    }

    /// <summary>The same for each account that anything happened to.</summary>
    /// <inheritdoc cref="ReadAsync(TaskType, StatisticsWindow, DateTimeOffset?)"/>
    public Task<IReadOnlyDictionary<int, WindowStatistics>> ReadAccountsAsync(TaskType type, StatisticsWindow window, DateTimeOffset? at = null) =>
        ReadAsync(type, window, at, ofAccounts: true);

    private async Task<IReadOnlyDictionary<int, WindowStatistics>> ReadAsync(TaskType type, StatisticsWindow window, DateTimeOffset? at, bool ofAccounts)
    {
        // By the clock of the Redis process that adds to the windows.
        var now = at ?? await ServerFacts.TimeAsync(redis, keys.Epoch(type));
        var (tier, first, last) = window.Slots(now);
        var sums = new Dictionary<int, WindowSum>();
        if (!ofAccounts)
        {
            sums[NoAccount] = new WindowSum();
        }

        foreach (var slot in await _slots.ReadAsync(type, tier, first, last, ofAccounts, now))
        {
            foreach (var figure in slot.Figures)
            {
                SumOf(figure.Account).Add(figure);
            }

            foreach (var code in slot.Codes)
            {
                SumOf(NoAccount).Add(code);
            }
        }

        return sums.ToDictionary(sum => sum.Key, sum => sum.Value.ToStatistics(window, tier.BeginOf(first), now));

        WindowSum SumOf(int account)
        {
            if (!sums.TryGetValue(account, out var sum))
            {
                sums[account] = sum = new WindowSum();
            }

            return sum;
        }
    }
}
