using Microsoft.Extensions.Options;
using Npgsql;
using Polling.Core.Configuration;
using Polling.Core.Persistence;
using Polling.Core.Queue.Configuration;
using Polling.Core.Queue.Epochs;
using Polling.Core.Queue.Intervals;
using Polling.Core.Queue.Placement;
using Polling.Core.Statistics;
using Polling.Scheduler.Passes;

namespace Polling.Scheduler.Initialisation;

/// <summary>
/// Progressive initialisation (渐进式初始化): gives every card of PostgreSQL its place in Redis, batch by batch. Afterwards the audit
/// keeps looking.
/// </summary>
/// <remarks>
/// One scheduler at a time does it. It goes on where the progress hash says; the hash is lost together with the places, or known to be older than
/// what was lost (in a cluster), and then everything is loaded again. Loading a card twice is harmless: a card that has a place keeps it.
/// </remarks>
internal sealed partial class InitialisationPass(
    NpgsqlDataSource postgres, EpochKeeper keeper, ConfigurationPublisher publisher, CardPages pages, CardPlacement placement,
    InitialisationProgressStore store, MovedIntervals intervals, IOptions<InitialisationOptions> options, TimeProvider time, ILogger<InitialisationPass> logger)
    : SingletonPass(postgres, "initialisation", time, logger)
{
    private const int PageSize = 5_000;
    private static readonly TimeSpan NothingToDo = TimeSpan.FromSeconds(2);

    protected override async Task<TimeSpan> RunHeldAsync(CancellationToken cancellation)
    {
        var epochs = await EpochsAsync(cancellation);
        var progress = await store.ReadAsync();
        if (progress is null)
        {
            await publisher.PublishAsync(cancellation);
            await Task.WhenAll(TaskTypes.Polled.Select(intervals.StartAsync));
            progress = InitialisationProgress.Start(await pages.CountAsync(cancellation), Time.GetUtcNow());
            await store.StartAsync(progress, Time.GetUtcNow());
            LogStarted(logger, progress.Total, options.Value.BatchSize);
        }

        if (progress.State != InitialisationState.Running)
        {
            return NothingToDo;
        }

        await LoadBatchAsync(progress, epochs, cancellation);
        return TimeSpan.FromMilliseconds(options.Value.BatchPauseMs);
    }

    private async Task<List<(TaskType Type, string Epoch)>> EpochsAsync(CancellationToken cancellation)
    {
        var result = new List<(TaskType, string)>();
        foreach (var type in TaskTypes.Polled)
        {
            result.Add((type, await keeper.EnsureAsync(type, cancellation)));
        }

        return result;
    }

    private async Task LoadBatchAsync(
        InitialisationProgress progress, List<(TaskType Type, string Epoch)> epochs, CancellationToken cancellation)
    {
        var left = options.Value.BatchSize;
        var cursor = progress.Cursor;
        var ended = false;
        var page = pages.ReadPageAsync(cursor, Math.Min(PageSize, left), cancellation);
        var placing = Task.CompletedTask;
        var onItsWay = 0;
        while (!ended && left > 0)
        {
            var rows = await page;
            ended = rows.Count < Math.Min(PageSize, left);
            left -= rows.Count;
            var last = rows.Count == 0 ? cursor : rows[^1].Id;

            // The next page is read while this one is placed, and this one is on its way before Redis is done with the last one.
            page = ended || left == 0 ? page : pages.ReadPageAsync(last, Math.Min(PageSize, left), cancellation);
            var before = placing;
            placing = placement.PlaceRowsAsync(epochs, rows);
            await before;
            if (!await HoldAsync(cancellation))
            {
                // Another scheduler has taken over and goes on from the last progress that was written.
                await placing;
                return;
            }

            // Page by page: on a busy machine a batch can take longer than a lease.
            progress = Placed(progress, onItsWay, cursor);
            await store.WriteAsync(progress, Time.GetUtcNow());
            (onItsWay, cursor) = (rows.Count, last);
        }

        await placing;
        var now = Time.GetUtcNow();
        progress = Placed(progress, onItsWay, cursor);
        progress = progress with
        {
            Total = ended ? progress.Loaded : progress.Total,
            Batch = progress.Batch + 1,
            State = ended ? InitialisationState.Done : InitialisationState.Running,
            FinishedAt = ended ? now : null,
        };
        await store.WriteAsync(progress, now);
        LogBatch(logger, progress.Batch, progress.Loaded, progress.Total, progress.State);
    }

    private static InitialisationProgress Placed(InitialisationProgress progress, int cards, long cursor) => progress with
    {
        Loaded = progress.Loaded + cards,
        Total = Math.Max(progress.Total, progress.Loaded + cards),
        Cursor = cursor,
    };

    [LoggerMessage(Level = LogLevel.Information, Message = "渐进式初始化 started: {Total} cards, {BatchSize} a batch")]
    private static partial void LogStarted(ILogger logger, long total, int batchSize);

    [LoggerMessage(Level = LogLevel.Information, Message = "渐进式初始化 batch {Batch}: {Loaded} of {Total} cards loaded, {State}")]
    private static partial void LogBatch(ILogger logger, int batch, long loaded, long total, string state);
}
