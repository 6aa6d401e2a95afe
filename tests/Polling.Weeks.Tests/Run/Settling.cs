using Npgsql;
using Polling.Weeks.Tests.Processes;
using StackExchange.Redis;

namespace Polling.Weeks.Tests.Run;

/// <summary>Waits until what is due now is done: nothing due, queued, leased or asked for by hand, and no suspension that can go on.</summary>
internal static class Settling
{
    private static readonly string[] Tasks = ["carddata", "package"];
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    // A suspension that waits for longer than this waits for the next step.
    private static readonly TimeSpan Wait = TimeSpan.FromMinutes(10);

    /// <summary>Waits until every card has its due times.</summary>
    public static Task PlacedAsync(WeeksSystem system, int cards) => system.UntilAsync("placed", Patience, async () =>
    {
        foreach (var task in Tasks)
        {
            var placed = (await Task.WhenAll((await SchedulesAsync(system, task)).Select(key => system.Redis.SortedSetLengthAsync(key)))).Sum();
            if (placed != cards)
            {
                return $"{placed} of {cards} cards are scheduled for {task}";
            }
        }

        return null;
    });

    public static async Task SettleAsync(WeeksSystem system)
    {
        DateTimeOffset? next = null;
        do
        {
            if (next is { } at)
            {
                // Only pauses of suspensions are left: nothing is leased, the clocks may go on.
                await system.AdvanceAsync(at - system.Now + TimeSpan.FromSeconds(1));
            }

            await system.UntilAsync("settled", Patience, async () =>
            {
                if (await QueueAsync(system) is { } busy)
                {
                    return busy;
                }

                (var open, next) = await OutboxAsync(system);
                return open == 0 ? null : $"{open} suspensions are open";
            });
        }
        while (next < system.Now + Wait);
    }

    private static async Task<RedisKey[]> SchedulesAsync(WeeksSystem system, string task) => Array.ConvertAll(
        await system.Redis.HashKeysAsync($"polling:accounts:{task}"), account => (RedisKey)$"polling:schedule:{task}:{account}");

    private static async Task<string?> QueueAsync(WeeksSystem system)
    {
        var (redis, nowMs) = (system.Redis, system.Now.ToUnixTimeMilliseconds());
        foreach (var task in Tasks)
        {
            var schedules = await SchedulesAsync(system, task);
            var due = (await Task.WhenAll(schedules.Select(key => redis.SortedSetLengthAsync(key, double.NegativeInfinity, nowMs)))).Sum();
            var queued = await redis.SortedSetLengthAsync($"polling:queue:{task}");
            var manual = await redis.ListLengthAsync($"polling:manual:{task}");
            var leased = await redis.SortedSetLengthAsync($"polling:lease:{task}");
            if (due + queued + manual + leased > 0)
            {
                return $"{task}: {due} due, {queued} queued, {manual} by hand, {leased} calls leased";
            }
        }

        return null;
    }

    private static async Task<(long Open, DateTimeOffset? Next)> OutboxAsync(WeeksSystem system)
    {
        await using var command = system.Postgres.CreateCommand(
            """
            SELECT count(*) FILTER (WHERE next_attempt_at <= $1 OR lease_until > now()), min(next_attempt_at) FROM tb_suspension WHERE state IN (1, 3, 4)
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = system.Now.UtcDateTime });
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        return (reader.GetInt64(0), reader.IsDBNull(1) ? null : reader.GetFieldValue<DateTimeOffset>(1));
    }
}
