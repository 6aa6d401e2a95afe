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
    // Beside polling each step waits for its turn at PostgreSQL and at Redis: few long ones get further than many short ones.
    private const int PageSize = 20_000;
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
        var loaded = 0;
        var ended = false;
        var page = pages.ReadPageAsync(cursor, Math.Min(PageSize, left), cancellation);
        var placing = Task.CompletedTask;
        while (!ended && left > 0)
        {
            var rows = await page;
            ended = rows.Count < Math.Min(PageSize, left);
            cursor = rows.Count == 0 ? cursor : rows[^1].Id;
            loaded += rows.Count;
            left -= rows.Count;

            // The next page is read while this one is placed, and this one is on its way before Redis is done with the last one.
            page = ended || left == 0 ? page : pages.ReadPageAsync(cursor, Math.Min(PageSize, left), cancellation);
            var before = placing;
            placing = placement.PlaceRowsAsync(epochs, rows);
            await before;
            if (!await HoldAsync(cancellation))
            {
                // Another scheduler has taken over and goes on from the last progress that was written.
                await placing;
                return;
            }
        }

        await placing;
        var now = Time.GetUtcNow();
        var total = progress.Loaded + loaded;
        progress = progress with
        {
            Loaded = total,
            Total = ended ? total : Math.Max(progress.Total, total),
            Batch = progress.Batch + 1,
            Cursor = cursor,
            State = ended ? InitialisationState.Done : InitialisationState.Running,
            FinishedAt = ended ? now : null,
        };
        await store.WriteAsync(progress, now);
        LogBatch(logger, progress.Batch, progress.Loaded, progress.Total, progress.State);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "渐进式初始化 started: {Total} cards, {BatchSize} a batch")]
    private static partial void LogStarted(ILogger logger, long total, int batchSize);

    [LoggerMessage(Level = LogLevel.Information, Message = "渐进式初始化 batch {Batch}: {Loaded} of {Total} cards loaded, {State}")]
    private static partial void LogBatch(ILogger logger, int batch, long loaded, long total, string state);
}
