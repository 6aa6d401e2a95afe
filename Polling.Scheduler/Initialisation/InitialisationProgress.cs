using System.Globalization;
using Polling.Core.Queue;
using StackExchange.Redis;

namespace Polling.Scheduler.Initialisation;

/// <summary>States of the initialisation, as <c>polling:init:progress</c> names them.</summary>
internal static class InitialisationState
{
    public const string Running = "running";
    public const string Done = "done";
}

/// <summary>The contract's progress hash: how far the cards of PostgreSQL have their places in Redis.</summary>
internal sealed record InitialisationProgress(
    string State, long Total, long Loaded, int Batch, long Cursor, DateTimeOffset StartedAt, DateTimeOffset? FinishedAt)
{
    public static InitialisationProgress Start(long total, DateTimeOffset now) => new(InitialisationState.Running, total, 0, 0, 0, now, null);

    /// <summary>What Redis holds, or null when there is none: Redis is empty, so everything is to be loaded.</summary>
    public static async Task<InitialisationProgress?> ReadAsync(IDatabase redis, RedisKeys keys)
    {
        var fields = (await redis.HashGetAllAsync(keys.InitialisationProgress)).ToDictionary(f => (string)f.Name!, f => (string)f.Value!);
        if (!fields.TryGetValue("state", out var state) || !fields.ContainsKey("cursor"))
        {
            return null;
        }

        var culture = CultureInfo.InvariantCulture;
        return new InitialisationProgress(
            state, long.Parse(fields["total"], culture), long.Parse(fields["loaded"], culture), int.Parse(fields["batch"], culture),
            long.Parse(fields["cursor"], culture), DateTimeOffset.Parse(fields["started_at"], culture),
            fields.GetValueOrDefault("finished_at") is { Length: > 0 } finished ? DateTimeOffset.Parse(finished, culture) : null);
    }

    /// <summary>Writes it.</summary>
    public Task WriteAsync(IDatabase redis, RedisKeys keys, DateTimeOffset now) => redis.HashSetAsync(keys.InitialisationProgress,
    [
        new("state", State), new("total", Total), new("loaded", Loaded), new("batch", Batch), new("cursor", Cursor),
        new("started_at", Text(StartedAt)), new("updated_at", Text(now)), new("finished_at", FinishedAt is { } at ? Text(at) : ""),
    ]);

    private static string Text(DateTimeOffset time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss.fffzzz", CultureInfo.InvariantCulture);
}
