using System.Globalization;
using Microsoft.Extensions.Logging;
using Npgsql;
using Polling.Core.Configuration;
using Polling.Core.Queue.Scripts;
using StackExchange.Redis;

namespace Polling.Core.Queue.Epochs;

/// <summary>
/// Keeps the epoch true: a value of a PostgreSQL sequence that changes whenever Redis may have lost data, that is when it holds no
/// epoch or runs under another run id than the epoch was given to (a restart loses up to a second with AOF everysec).
/// </summary>
/// <remarks>
/// <para>Fencing tokens are (epoch, counter). After a change, a call claimed before can no longer complete; PostgreSQL counts its
/// result unless a newer token has committed, and its cards are asked again when the lease expires.</para>
/// <para>Any scheduler may run it at any time: the change is one compare-and-set script.</para>
/// <para>In a cluster a task type's epoch goes by the run of the shard that holds its keys: when that one is lost, or its replica takes over, the others'
/// epochs stay.</para>
/// </remarks>
public sealed partial class EpochKeeper(
    ScriptRunner scripts, RedisKeys keys, IConnectionMultiplexer redis, NpgsqlDataSource postgres, ILogger<EpochKeeper> logger)
{
    /// <summary>Looks, and puts a new epoch in force where one is due.</summary>
    /// <returns>The epoch in force.</returns>
    public async Task<string> EnsureAsync(TaskType type, CancellationToken cancellation) =>
        await EnsureAsync(type, new RunIds(redis), cancellation);

    /// <summary>The same for every task type that is polled.</summary>
    public async Task EnsureAllAsync(CancellationToken cancellation)
    {
        var runIds = new RunIds(redis);
        foreach (var type in TaskTypes.Polled)
        {
            await EnsureAsync(type, runIds, cancellation);
        }
    }

    private async Task<string> EnsureAsync(TaskType type, RunIds runIds, CancellationToken cancellation)
    {
        var runId = await runIds.OfAsync(keys.Epoch(type));
        while (true)
        {
            var held = await redis.GetDatabase().HashGetAsync(keys.Epoch(type), ["epoch", "run_id"]);
            var epoch = (string?)held[0];
            if (epoch is not null && (string?)held[1] == runId)
            {
                return epoch;
            }

            var next = await NextAsync(epoch, cancellation);
            if ((int)await scripts.RunAsync("epoch", [keys.Epoch(type)], [epoch ?? "", next, runId]) == 1)
            {
                LogChanged(logger, type.Name(), epoch ?? "none", next);
                return next;
            }
        }
    }

    // A replica that took over from a lost PostgreSQL may not know the last numbers that were given: what is in force may be ahead of it.
    private async Task<string> NextAsync(string? held, CancellationToken cancellation)
    {
        await using var command = postgres.CreateCommand(
            """
            SELECT CASE WHEN next > $1 THEN next ELSE setval('polling_epoch_seq', $1 + 1) END FROM nextval('polling_epoch_seq') AS next
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = long.TryParse(held, CultureInfo.InvariantCulture, out var epoch) ? epoch : 0 });
        return ((long)(await command.ExecuteScalarAsync(cancellation))!).ToString(CultureInfo.InvariantCulture);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Epoch of {TaskType} changes from {OldEpoch} to {NewEpoch}")]
    private static partial void LogChanged(ILogger logger, string taskType, string oldEpoch, string newEpoch);
}
