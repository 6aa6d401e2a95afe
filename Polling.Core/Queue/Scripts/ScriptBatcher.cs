using System.Diagnostics;

namespace Polling.Core.Queue.Scripts;

/// <summary>
/// Runs what many callers ask of one script together: while a run is under way, the next one gathers. So a run is as large as
/// the load makes it, and a lone caller does not wait.
/// </summary>
/// <param name="verb">Name of the script, for the callers' spans.</param>
/// <param name="weightMax">A run takes no more than this weight, but at least one item.</param>
/// <param name="weight">Weight of an item: how much of Redis' time it takes.</param>
/// <param name="run">Runs the script for some items; the replies are in their order.</param>
internal sealed class ScriptBatcher<TItem, TReply>(
    string verb, int weightMax, Func<TItem, int> weight, Func<IReadOnlyList<TItem>, Task<IReadOnlyList<TReply>>> run)
{
    // One run is on its way or being answered while Redis works on the other.
    private const int RunsMax = 2;
    private readonly Lock _lock = new();
    private readonly Queue<Pending> _waiting = [];
    private int _runs;

    /// <summary>Asks for one item.</summary>
    /// <exception cref="StackExchange.Redis.RedisException">The run that it was part of failed; whether the script ran is unknown.</exception>
    public async Task<TReply> RunAsync(TItem item)
    {
        using var span = ScriptSpans.Start(verb);
        var pending = new Pending(item);
        bool start;
        lock (_lock)
        {
            _waiting.Enqueue(pending);
            start = _runs < RunsMax;
            _runs += start ? 1 : 0;
        }

        if (start)
        {
            _ = Task.Run(DrainAsync);
        }

        try
        {
            return await pending.Reply.Task;
        }
        catch (Exception e)
        {
            span?.SetStatus(ActivityStatusCode.Error, e.Message);
            throw;
        }
    }

    private async Task DrainAsync()
    {
        // A run is of no single caller's trace.
        Activity.Current = null;
        while (Next() is { Count: > 0 } batch)
        {
            try
            {
                var replies = await run([.. batch.Select(p => p.Item)]);
                for (var i = 0; i < batch.Count; i++)
                {
                    batch[i].Reply.TrySetResult(replies[i]);
                }
            }
#pragma warning disable CA1031 // The callers learn of it; the next run goes on.
            catch (Exception e)
#pragma warning restore CA1031
            {
                foreach (var pending in batch)
                {
                    pending.Reply.TrySetException(e);
                }
            }
        }
    }

    private List<Pending> Next()
    {
        var batch = new List<Pending>();
        lock (_lock)
        {
            var sum = 0;
            while (_waiting.TryPeek(out var next) && (batch.Count == 0 || sum + weight(next.Item) <= weightMax))
            {
                sum += weight(next.Item);
                batch.Add(_waiting.Dequeue());
            }

            if (batch.Count == 0)
            {
                _runs--;
            }
        }

        return batch;
    }

    private sealed class Pending(TItem item)
    {
        public TItem Item { get; } = item;

        public TaskCompletionSource<TReply> Reply { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
