using Polling.Core.Configuration;
using StackExchange.Redis;

namespace Polling.Core.Queue.Lateness;

/// <summary>Tells promotion what each account's configurations need, so that it can tell a budget that is too small from a backlog.</summary>
public sealed class AccountDemand(IConnectionMultiplexer redis, RedisKeys keys)
{
    private const double Thousandths = 1000;

    /// <summary>Publishes calls a second that are needed, of all task types, by account.</summary>
    public async Task PublishAsync(IReadOnlyDictionary<int, double> needed)
    {
        ArgumentNullException.ThrowIfNull(needed);
        if (needed.Count == 0)
        {
            return;
        }

        var fields = needed.Select(n => new HashEntry($"d:{n.Key}", (long)Math.Ceiling(n.Value * Thousandths))).ToArray();
        await Task.WhenAll(TaskTypes.Polled.Select(type => redis.GetDatabase().HashSetAsync(keys.Fair(type), fields)));
    }

    /// <summary>Calls a second that the configurations need of an account, as it was published last; null = not yet.</summary>
    public async Task<double?> ReadAsync(int accountId)
    {
        var needed = await redis.GetDatabase().HashGetAsync(keys.Fair(TaskTypes.Polled[0]), $"d:{accountId}");
        return needed.TryParse(out long thousandths) ? thousandths / Thousandths : null;
    }
}
