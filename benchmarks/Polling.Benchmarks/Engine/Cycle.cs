using System.Diagnostics;
using Polling.Core.Configuration;
using Polling.Core.Queue.Claims;
using Polling.Core.Queue.Completion;
using Polling.Core.Queue.Quotas;

namespace Polling.Benchmarks.Engine;

/// <summary>What a run of the cycle came to.</summary>
/// <param name="Cards">Cards completed.</param>
/// <param name="Calls">Calls completed.</param>
/// <param name="Took">How long it ran.</param>
/// <param name="ServerCpu">CPU time of Redis in it.</param>
/// <param name="ClientCpu">CPU time of this process in it.</param>
/// <param name="LatenessMs">Lateness of a sample of cards at the moment at which their call was sent, sorted, ms.</param>
internal sealed record CycleRun(long Cards, long Calls, TimeSpan Took, TimeSpan ServerCpu, TimeSpan ClientCpu, long[] LatenessMs)
{
    public double CardsPerSecond => Cards / Took.TotalSeconds;

    public double ServerMicrosecondsPerCard => ServerCpu.TotalMicroseconds / Cards;

    public double ClientMicrosecondsPerCard => ClientCpu.TotalMicroseconds / Cards;

    public double CardsPerCall => (double)Cards / Calls;

    public double LatenessMsAt(double quantile) => LatenessMs.Length == 0 ? 0 : LatenessMs[(int)((LatenessMs.Length - 1) * quantile)];
}

/// <summary>
/// Runs the whole cycle as schedulers and executors do: promote, claim, facts, acquire, a gateway that answers at once, report, release,
/// complete. Calls overlap on one connection.
/// </summary>
internal sealed class Cycle(EngineQueue queue, TaskType type = TaskType.Realname)
{
    private const int ClaimLoops = 4;
    private const int CallsInFlight = 256;
    private const int CallsPerClaim = 64;
    private const int QueuedCards = 10_000;
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Permit = TimeSpan.FromSeconds(18);
    private static readonly TimeSpan QuietPass = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Idle = TimeSpan.FromMilliseconds(1);
    private readonly List<long> _lateness = [];
    private long _cards;
    private long _calls;
    private Exception? _failure;

    /// <summary>Whether calls are charged to their accounts and permits are ended early.</summary>
    public bool WithQuotas { get; init; } = true;

    /// <summary>Whether there is always more to do than can be done: then promotion waits while the queue is long.</summary>
    public bool Saturates { get; init; } = true;

    /// <summary>Runs for a time, after a warm-up.</summary>
    public async Task<CycleRun> RunAsync(TimeSpan warmUp, TimeSpan time)
    {
        using var stop = new CancellationTokenSource();
        Task[] loops = [PromoteAsync(stop.Token), .. Enumerable.Range(0, ClaimLoops).Select(i => ClaimAsync($"bench{i}", stop.Token))];
        await Task.WhenAny(Task.Delay(warmUp, CancellationToken.None), Task.WhenAny(loops));
        lock (_lateness)
        {
            _lateness.Clear();
        }

        var (cards, calls, server) = (Interlocked.Read(ref _cards), Interlocked.Read(ref _calls), await queue.ServerCpuAsync());
        using var process = Process.GetCurrentProcess();
        var (client, started) = (process.TotalProcessorTime, Stopwatch.GetTimestamp());
        await Task.WhenAny(Task.Delay(time, CancellationToken.None), Task.WhenAny(loops));
        process.Refresh();
        var took = Stopwatch.GetElapsedTime(started);
        var (cardsAfter, callsAfter) = (Interlocked.Read(ref _cards), Interlocked.Read(ref _calls));
        var (serverTook, clientTook) = (await queue.ServerCpuAsync() - server, process.TotalProcessorTime - client);
        await stop.CancelAsync();
        await Task.WhenAll(loops);
        if (_failure is { } failure)
        {
            throw failure;
        }

        return new CycleRun(cardsAfter - cards, callsAfter - calls, took, serverTook, clientTook, [.. _lateness.Order()]);
    }

    private async Task PromoteAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var pass = await queue.Promotion.PromoteAsync(type);
            if (pass.Chunks == 0)
            {
                await Task.Delay(Saturates ? Idle : QuietPass, CancellationToken.None);
            }
            else if (Saturates)
            {
                // As executors that are slow hold promotion up: no more is admitted than is claimed soon.
                while (await queue.Redis.SortedSetLengthAsync(queue.Keys.Queue(type)) > QueuedCards && !stop.IsCancellationRequested)
                {
                    await Task.Delay(Idle, CancellationToken.None);
                }
            }
        }
    }

    // As the claim loop of an executor: claims as many calls as it has room for, and runs them beside each other.
    private async Task ClaimAsync(string executor, CancellationToken stop)
    {
        using var room = new SemaphoreSlim(CallsInFlight);
        var sequence = 0L;
        while (!stop.IsCancellationRequested)
        {
            for (var i = 0; i < CallsPerClaim; i++)
            {
                await room.WaitAsync(CancellationToken.None);
            }

            var reply = await queue.Claims.ClaimAsync(type, executor, ++sequence, CallsPerClaim, Lease, Permit);
            if (CallsPerClaim > reply.Calls.Count)
            {
                room.Release(CallsPerClaim - reply.Calls.Count);
                await Task.Delay(Idle, CancellationToken.None);
            }

            foreach (var call in reply.Calls)
            {
                _ = RunAsync(call, room);
            }
        }

        for (var i = 0; i < CallsInFlight; i++)
        {
            await room.WaitAsync(CancellationToken.None);
        }
    }

    private async Task RunAsync(ClaimedCall call, SemaphoreSlim room)
    {
        try
        {
            await CallAsync(call);
        }
        catch (Exception e)
        {
            _failure ??= e;
        }
        finally
        {
            room.Release();
        }
    }

    private async Task CallAsync(ClaimedCall call)
    {
        var facts = await queue.Claims.ReadFactsAsync(type, call.Cards);
        if (WithQuotas)
        {
            var granted = await queue.Quotas.AcquireAsync(call.AccountId, call.Id, Permit);
            if (!granted.IsGranted)
            {
                throw new InvalidOperationException($"The account {call.AccountId} refused a call ({granted.Refusal}): the benchmark's limits are too low.");
            }

            Sample(call);
            await queue.Quotas.EndAsync(call.AccountId, call.Id, AttemptResult.Ok, TimeSpan.FromMilliseconds(1));
            await queue.Claims.ReleaseAsync(call);
        }

        var cards = new CompletedCard[call.Cards.Count];
        for (var i = 0; i < cards.Length; i++)
        {
            var outcome = facts.Cards[i].Facts is null ? CardOutcome.NotAsked : CardOutcome.Checked;
            cards[i] = new CompletedCard(call.Cards[i].CardId, outcome, null, TimeSpan.Zero);
        }

        var status = await queue.Completion.CompleteAsync(call, cards, TimeSpan.FromMilliseconds(1), facts);
        if (status != CompletionStatus.Completed)
        {
            throw new InvalidOperationException($"The call {call.Id} could not be completed: {status}.");
        }

        Interlocked.Add(ref _cards, cards.Length);
        Interlocked.Increment(ref _calls);
    }

    // One card of each call is sample enough: its oldest.
    private void Sample(ClaimedCall call)
    {
        var late = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() - call.Cards[0].DueMs;
        lock (_lateness)
        {
            _lateness.Add(Math.Max(0, late));
        }
    }
}
