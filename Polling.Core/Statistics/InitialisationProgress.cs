using System.Globalization;
using Polling.Core.Configuration;
using Polling.Core.Queue;
using StackExchange.Redis;

namespace Polling.Core.Statistics;

/// <summary>States of the initialisation, as the contract's <c>polling:init:progress</c> names them.</summary>
public static class InitialisationState
{
    /// <summary>Cards are being loaded.</summary>
    public const string Running = "running";

    /// <summary>Every card has been loaded.</summary>
    public const string Done = "done";
}

/// <summary>How far the cards of PostgreSQL have been given their places in Redis.</summary>
/// <param name="State">One of <see cref="InitialisationState"/>.</param>
/// <param name="Total">Cards to load, as counted at the start.</param>
/// <param name="Loaded">Cards loaded.</param>
/// <param name="Batch">Batches done.</param>
/// <param name="Cursor">Id of the last card loaded: where it goes on.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="FinishedAt">When it ended, or null.</param>
public sealed record InitialisationProgress(
    string State, long Total, long Loaded, int Batch, long Cursor, DateTimeOffset StartedAt, DateTimeOffset? FinishedAt)
{
    /// <summary>Nothing is loaded yet.</summary>
    public static InitialisationProgress Start(long total, DateTimeOffset now) => new(InitialisationState.Running, total, 0, 0, 0, now, null);
}

/// <summary>Keeps the progress in the contract's hash <c>polling:init:progress</c>.</summary>
/// <remarks>
/// In a cluster it may outlive the places of a task type, which lie on another shard. So each task type's epoch, which lies beside them, remembers the
/// initialisation that they come from; one that does not has been lost.
/// </remarks>
public sealed class InitialisationProgressStore(IConnectionMultiplexer redis, RedisKeys keys)
{
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fffzzz";
    private const string Initialisation = "initialisation";
    private readonly bool _hasShards = keys.Layout == KeyLayout.Cluster;

    /// <summary>What Redis holds, or null when there is none: Redis, or a shard of it, is empty, so everything is to be loaded.</summary>
    public async Task<InitialisationProgress?> ReadAsync()
    {
        var entries = await redis.GetDatabase().HashGetAllAsync(keys.InitialisationProgress);
        var fields = entries.ToDictionary(f => (string)f.Name!, f => (string)f.Value!);
        if (!fields.TryGetValue("state", out var state) || !fields.ContainsKey("cursor") || !await IsWholeAsync(fields["started_at"]))
        {
            return null;
        }

        var culture = CultureInfo.InvariantCulture;
        return new InitialisationProgress(
            state, long.Parse(fields["total"], culture), long.Parse(fields["loaded"], culture), int.Parse(fields["batch"], culture),
            long.Parse(fields["cursor"], culture), DateTimeOffset.Parse(fields["started_at"], culture),
            fields.GetValueOrDefault("finished_at") is { Length: > 0 } finished ? DateTimeOffset.Parse(finished, culture) : null);
    }

    /// <summary>Writes that it begins.</summary>
    public async Task StartAsync(InitialisationProgress progress, DateTimeOffset now)
    {
        if (_hasShards)
        {
            await Task.WhenAll(TaskTypes.Polled.Select(type =>
                redis.GetDatabase().HashSetAsync(keys.Epoch(type), Initialisation, Text(progress.StartedAt))));
        }

        await WriteAsync(progress, now);
    }

    /// <summary>Writes how far it is.</summary>
    public Task WriteAsync(InitialisationProgress progress, DateTimeOffset now) => redis.GetDatabase().HashSetAsync(keys.InitialisationProgress,
    [
        new("state", progress.State), new("total", progress.Total), new("loaded", progress.Loaded), new("batch", progress.Batch),
        new("cursor", progress.Cursor), new("started_at", Text(progress.StartedAt)), new("updated_at", Text(now)),
        new("finished_at", progress.FinishedAt is { } at ? Text(at) : ""),
    ]);

    private async Task<bool> IsWholeAsync(string startedAt) => !_hasShards
        || Array.TrueForAll(
            await Task.WhenAll(TaskTypes.Polled.Select(type => redis.GetDatabase().HashGetAsync(keys.Epoch(type), Initialisation))), mark => mark == startedAt);

    private static string Text(DateTimeOffset time) => time.ToString(TimeFormat, CultureInfo.InvariantCulture);
}
