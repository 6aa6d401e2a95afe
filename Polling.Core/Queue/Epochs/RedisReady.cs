using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Polling.Core.Configuration;
using StackExchange.Redis;

namespace Polling.Core.Queue.Epochs;

/// <summary>Section <c>Polling:Redis</c>.</summary>
public sealed class RedisReadyOptions
{
    /// <summary>
    /// Take over a Redis in which another program left <c>polling:*</c> keys: keys of the same names are written over. Default: no,
    /// refuse to start.
    /// </summary>
    public bool AdoptKeys { get; set; }
}

/// <summary>
/// Looks at Redis before anything is written to it: one that evicts keys loses cards, and one that another program uses for the
/// same names would lose that program's data.
/// </summary>
/// <exception cref="InvalidOperationException">Such a Redis; the message says what to change.</exception>
public sealed class RedisReady(IConnectionMultiplexer redis, RedisKeys keys, IOptions<RedisReadyOptions> options) : IHostedService
{
    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var policies = (await ServerFacts.ReadAllAsync(redis, "memory")).Select(memory => memory.GetValueOrDefault("maxmemory_policy", "noeviction"));
        if (policies.FirstOrDefault(found => found != "noeviction") is { } policy)
        {
            throw new InvalidOperationException(
                $"Redis has maxmemory-policy {policy}, under which it drops cards when memory is short; set it to noeviction.");
        }

        var foreign = await FindForeignKeyAsync();
        if (foreign is not null && !options.Value.AdoptKeys)
        {
            throw new InvalidOperationException(
                $"Redis holds '{foreign}' of another program; use an empty Redis, or set Polling:Redis:AdoptKeys to true to take it over.");
        }
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // Our epoch is written before any other key of a type.
    private async Task<string?> FindForeignKeyAsync()
    {
        var database = redis.GetDatabase();
        foreach (var type in TaskTypes.All)
        {
            if (await database.KeyExistsAsync(keys.Epoch(type)))
            {
                return null;
            }
        }

        IEnumerable<RedisKey> ours = TaskTypes.All
            .SelectMany(t => new[] { keys.Queue(t), keys.Manual(t), keys.Statistics(t), keys.ConcurrencyCurrent(t), keys.ConcurrencyConfig(t) })
            .Append(keys.InitialisationProgress);
        foreach (var key in ours)
        {
            if (await database.KeyExistsAsync(key))
            {
                return key;
            }
        }

        return null;
    }
}
