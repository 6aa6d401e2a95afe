using Polling.Core.Configuration;
using Polling.Core.Queue.Scripts;
using StackExchange.Redis;

namespace Polling.Core.Queue.Permits;

/// <summary>Permits of a task type.</summary>
/// <param name="Held">Gateway calls that hold one.</param>
/// <param name="Allowed">The limit that claims go by now; null = Redis has none yet, nothing is claimed.</param>
public readonly record struct PermitUse(long Held, int? Allowed);

/// <summary>What a reset did.</summary>
/// <param name="Dropped">Permits that no running call held.</param>
/// <param name="Held">Permits held now.</param>
public readonly record struct PermitReset(int Dropped, int Held);

/// <summary>Reads, limits and mends the permits of the task types.</summary>
public sealed class PermitScripts(ScriptRunner scripts, RedisKeys keys, IConnectionMultiplexer redis)
{
    /// <summary>Permits held and allowed, as operators see them with redis-cli.</summary>
    public async Task<PermitUse> ReadAsync(TaskType type)
    {
        var values = await redis.GetDatabase().StringGetAsync([keys.ConcurrencyCurrent(type), keys.ConcurrencyConfig(type)]);
        return new PermitUse(
            values[0].TryParse(out long held) ? held : 0, values[1].TryParse(out int allowed) ? allowed : null);
    }

    /// <summary>
    /// Puts a limit in force at once. Schedulers publish PostgreSQL's limit every second, so it is saved there first. When fewer are
    /// allowed than held, the running calls go on and nothing is claimed until enough have ended.
    /// </summary>
    public Task AllowAsync(TaskType type, int permits) => redis.GetDatabase().StringSetAsync(keys.ConcurrencyConfig(type), permits);

    /// <summary>Drops permits that no running call holds and writes the true number. Repeatable at will.</summary>
    public async Task<PermitReset> ResetAsync(TaskType type)
    {
        var reply = (int[])(await scripts.RunAsync("reset", [keys.Permits(type), keys.ConcurrencyCurrent(type), keys.Leases(type)], []))!;
        return new PermitReset(reply[0], reply[1]);
    }
}
