using Microsoft.Extensions.Options;
using Npgsql;
using Polling.Core.Configuration;
using Polling.Core.Persistence;
using Polling.Core.Queue.Configuration;
using Polling.Core.Queue.Epochs;
using Polling.Core.Queue.Placement;
using Polling.Core.Statistics;
using Polling.Scheduler.Passes;

namespace Polling.Scheduler.Initialisation;

/// <summary>
/// Progressive initialisation (渐进式初始化): gives every card of PostgreSQL its place in Redis, batch by batch, and keeps looking
/// for cards that have none.
/// </summary>
/// <remarks>
/// <para>One scheduler at a time does it, under a row lease in PostgreSQL. It goes on where the progress hash says; the hash lies
/// in the same Redis as the places, so both are lost together and then everything is loaded again. Loading a card twice is
/// harmless: a card that has a place keeps it.</para>
/// <para>When all is loaded the same walk runs again every few minutes, as a repair: it places what an import could not
/// (Redis was away) and what a changed configuration brings in.</para>
/// </remarks>
internal sealed partial class InitialisationPass(
    NpgsqlDataSource postgres, EpochKeeper epochs, ConfigurationPublisher publisher, CardPages pages, CardPlacement placement,
    InitialisationProgressStore store, IOptions<InitialisationOptions> options, TimeProvider time, ILogger<InitialisationPass> logger)
    : Pass(time, logger)
{
    private const int PageSize = 5_000;
    private static readonly TimeSpan LeaseLength = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan NotMine = TimeSpan.FromSeconds(2);

    private readonly SingletonLease _lease = new(
        postgres, "initialisation", $"{Environment.MachineName}:{Environment.ProcessId}:{Guid.NewGuid():N}", LeaseLength);

    private long? _term;
    private DateTimeOffset _repairedAt = DateTimeOffset.MinValue;

    public override async Task<TimeSpan> RunOnceAsync(CancellationToken cancellation)
    {
        if (!await HoldAsync(cancellation))
        {
            return NotMine;
        }

        var epoch = await EpochsAsync(cancellation);
        var progress = await store.ReadAsync();
        if (progress is null)
        {
            await publisher.PublishAsync(cancellation);
            progress = InitialisationProgress.Start(await pages.CountAsync(cancellation), Time.GetUtcNow());
            await store.WriteAsync(progress, Time.GetUtcNow());
            LogStarted(logger, progress.Total, options.Value.BatchSize);
        }

        if (progress.State == InitialisationState.Running)
        {
            await LoadBatchAsync(progress, epoch, cancellation);
            return TimeSpan.FromMilliseconds(options.Value.BatchPauseMs);
        }

        return await RepairWhenDueAsync(epoch, cancellation);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (_term is { } term)
        {
            await _lease.ReleaseAsync(term, cancellationToken);
        }
    }

    private async Task<bool> HoldAsync(CancellationToken cancellation)
    {
        if (_term is not { } term || !await _lease.RenewAsync(term, cancellation))
        {
            _term = await _lease.AcquireAsync(cancellation);
        }

        return _term is not null;
    }

    private async Task<Dictionary<TaskType, string>> EpochsAsync(CancellationToken cancellation)
    {
        var result = new Dictionary<TaskType, string>();
        foreach (var type in TaskTypes.Polled)
        {
            result[type] = await epochs.EnsureAsync(type, cancellation);
        }

        return result;
    }

    private async Task LoadBatchAsync(
        InitialisationProgress progress, Dictionary<TaskType, string> epoch, CancellationToken cancellation)
    {
        var left = options.Value.BatchSize;
        var cursor = progress.Cursor;
        var loaded = 0;
        var ended = false;
        while (left > 0 && !ended)
        {
            var (count, last, _) = await PlacePageAsync(epoch, cursor, Math.Min(PageSize, left), cancellation);
            ended = count < Math.Min(PageSize, left);
            cursor = count == 0 ? cursor : last;
            loaded += count;
            left -= count;
            if (!await HoldAsync(cancellation))
            {
                // Another scheduler has taken over and goes on from the last progress that was written.
                return;
            }
        }

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
        if (ended)
        {
            _repairedAt = now;
        }
    }

    private async Task<TimeSpan> RepairWhenDueAsync(Dictionary<TaskType, string> epoch, CancellationToken cancellation)
    {
        var every = TimeSpan.FromSeconds(options.Value.RepairEverySeconds);
        if (Time.GetUtcNow() - _repairedAt < every)
        {
            return NotMine;
        }

        long cursor = 0;
        var sum = default(PlacementCounts);
        while (true)
        {
            var (count, last, counts) = await PlacePageAsync(epoch, cursor, PageSize, cancellation);
            sum += counts;
            if (count < PageSize || !await HoldAsync(cancellation))
            {
                break;
            }

            cursor = last;
        }

        _repairedAt = Time.GetUtcNow();
        if (sum.Placed > 0)
        {
            LogRepaired(logger, sum.Placed, sum.Refreshed);
        }

        return NotMine;
    }

    private async Task<(int Count, long Last, PlacementCounts Counts)> PlacePageAsync(
        Dictionary<TaskType, string> epoch, long afterId, int count, CancellationToken cancellation)
    {
        var rows = await pages.ReadPageAsync(afterId, count, cancellation);
        var sum = default(PlacementCounts);
        foreach (var (type, current) in epoch)
        {
            sum += await placement.PlaceRowsAsync(type, current, rows);
        }

        return (rows.Count, rows.Count == 0 ? afterId : rows[^1].Id, sum);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "渐进式初始化 started: {Total} cards, {BatchSize} a batch")]
    private static partial void LogStarted(ILogger logger, long total, int batchSize);

    [LoggerMessage(Level = LogLevel.Information, Message = "渐进式初始化 batch {Batch}: {Loaded} of {Total} cards loaded, {State}")]
    private static partial void LogBatch(ILogger logger, int batch, long loaded, long total, string state);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Repair placed {Placed} cards that had no place in Redis and refreshed {Refreshed}")]
    private static partial void LogRepaired(ILogger logger, int placed, int refreshed);
}
