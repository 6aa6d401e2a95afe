using System.Diagnostics;
using System.Threading.Channels;
using Npgsql;
using Polling.Core.Persistence.Results;
using Polling.Core.Telemetry;
using Polling.Executor.Claims;

namespace Polling.Executor.Calls;

/// <summary>
/// Group commit: results of calls that end at about the same time are committed together. While one batch is on its way to
/// PostgreSQL the next one gathers, so a batch is as large as the load makes it and a lone call does not wait.
/// </summary>
/// <remarks>
/// A batch that fails is tried again until the first of its leases is about to end: until then nobody else has its cards. When the process stops it is not:
/// by then its calls have been given up.
/// </remarks>
internal sealed partial class ResultBatcher(ResultStore results, TimeProvider time, ILogger<ResultBatcher> logger) : BackgroundService
{
    private const int Writers = 2;
    private const int CallsPerBatch = 200;
    private const int CardsPerBatch = 5_000;
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(500);
    private readonly Channel<PendingResults> _pending = Channel.CreateUnbounded<PendingResults>();

    /// <summary>Commits a call's results, together with others', also of other task types.</summary>
    /// <param name="rows">Results of its cards.</param>
    /// <param name="lease">Its hold on its cards: what is not durable shortly before its end is given up.</param>
    /// <returns>What became of all results of the batch.</returns>
    public Task<CommittedResults> CommitAsync(IReadOnlyList<CardResult> rows, CallLease lease)
    {
        var pending = new PendingResults(rows, lease, Activity.Current?.Context ?? default);
        _pending.Writer.TryWrite(pending);
        return pending.Committed.Task;
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(Enumerable.Range(0, Writers).Select(_ => WriteAsync(stoppingToken)));

    /// <summary>Ends when all that was handed in is written; the calls are awaited before.</summary>
    public override Task StopAsync(CancellationToken cancellationToken)
    {
        _pending.Writer.TryComplete();
        return base.StopAsync(cancellationToken);
    }

    private async Task WriteAsync(CancellationToken stopping)
    {
        var batch = new List<PendingResults>();
        while (await _pending.Reader.WaitToReadAsync())
        {
            batch.Clear();
            var cards = 0;
            while (batch.Count < CallsPerBatch && cards < CardsPerBatch && _pending.Reader.TryRead(out var next))
            {
                batch.Add(next);
                cards += next.Rows.Count;
            }

            if (batch.Count > 0)
            {
                await CommitBatchAsync(batch, stopping);
            }
        }
    }

    private async Task CommitBatchAsync(List<PendingResults> batch, CancellationToken stopping)
    {
        var rows = batch.SelectMany(b => b.Rows).ToArray();
        while (true)
        {
            using var span = StartSpan(batch, rows.Length);
            try
            {
                var accepted = await results.CommitAsync(rows, CancellationToken.None);
                foreach (var call in batch)
                {
                    call.Committed.TrySetResult(accepted);
                }

                return;
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException && !stopping.IsCancellationRequested
                && time.GetUtcNow() + RetryPause < batch.Min(b => b.Deadline))
            {
                span?.SetStatus(ActivityStatusCode.Error, e.Message);
                LogRetried(logger, rows.Length, e.Message);
            }
#pragma warning disable CA1031 // The calls of the batch learn of it; the writer goes on.
            catch (Exception e)
#pragma warning restore CA1031
            {
                span?.SetStatus(ActivityStatusCode.Error, e.Message);
                foreach (var call in batch)
                {
                    call.Committed.TrySetException(e);
                }

                return;
            }

            await Task.Delay(RetryPause, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // A batch belongs to the trace of its first sampled call and is linked from the others'.
    private static Activity? StartSpan(List<PendingResults> batch, int rows)
    {
        var sampled = batch.Where(b => b.Trace.TraceFlags.HasFlag(ActivityTraceFlags.Recorded)).Select(b => b.Trace).ToArray();
        Activity.Current = null;
        if (sampled.Length == 0)
        {
            return null;
        }

        var span = PollingTelemetry.Source.StartActivity(
            "commit results", ActivityKind.Internal, sampled[0], links: sampled.Skip(1).Select(c => new ActivityLink(c)));
        span?.SetTag("polling.calls", batch.Count);
        span?.SetTag("polling.cards", rows);
        return span;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Rows} results could not be committed yet and are tried again: {Reason}")]
    private static partial void LogRetried(ILogger logger, int rows, string reason);

    private sealed class PendingResults(IReadOnlyList<CardResult> rows, CallLease lease, ActivityContext trace)
    {
        public IReadOnlyList<CardResult> Rows { get; } = rows;

        public DateTimeOffset Deadline => lease.EndsAt - ExecutorOptionsValidator.Margin;

        public ActivityContext Trace { get; } = trace;

        public TaskCompletionSource<CommittedResults> Committed { get; } =
            new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
