using Polling.Core.Configuration;
using Polling.Core.Queue.Claims;

namespace Polling.Faults.Tests.Harness;

/// <summary>
/// One fault on a system under load: before it the system is healthy, after it everything is as it was within a lease and 5 s, and whatever
/// the carrier and PostgreSQL saw meanwhile was right.
/// </summary>
internal sealed class FaultRun : IAsyncDisposable
{
    // A look reads all places of all cards: looks without a pause would be most of the machine's work.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private readonly FaultSystem _system;
    private readonly long _mark;
    private readonly DateTimeOffset _since;
    private readonly Watch _watch;
    private readonly DateTimeOffset _begunAt = Now;
    private readonly List<(TaskType Type, ClaimedCall[] Calls, DateTimeOffset At)> _held = [];

    private FaultRun(FaultSystem system, long mark, DateTimeOffset since, Watch watch)
    {
        _system = system;
        _mark = mark;
        _since = since;
        _watch = watch;
    }

    // A process that waits for a core reads its answer late. What is checked from now on was answered by one of this many calls before, or later.
    private const int CallsUnderWay = 1000;

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    /// <summary>Brings every process up, and waits until all cards have a place and calls of each task flow.</summary>
    /// <param name="system">The system.</param>
    /// <param name="cardsMayBeMissing">Whether the fault can take cards out of all places for a while.</param>
    public static async Task<FaultRun> BeginAsync(FaultSystem system, bool cardsMayBeMissing = false)
    {
        await Task.WhenAll(system.Schedulers.Concat(system.Executors).Where(process => !process.IsRunning).Select(system.StartAsync));
        await Condition.HoldsAsync(system.ProblemAsync, Condition.Patience);
        var since = Now;
        var mark = Math.Max(0, await system.Carrier.MarkAsync() - CallsUnderWay);
        foreach (var type in Fleet.Tasks)
        {
            await Condition.HoldsAsync(() => system.Effects.IsCheckedSinceAsync(type, since), Condition.Patience, $"no card is checked for {type}");
        }

        return new FaultRun(system, mark, since, Watch.Begin(system, cardsMayBeMissing));
    }

    /// <summary>Waits until calls of every task are held, and remembers their cards; the fault follows at once.</summary>
    /// <remarks>After an earlier fault the cards of a task come in bunches, with moments between them in which none is held.</remarks>
    /// <returns>How many cards are held.</returns>
    public async Task<int> StrikeAsync()
    {
        var held = 0;
        await Condition.HoldsAsync(
            async () => (held = await TryStrikeAsync()) > 0, Condition.Patience, "at no moment are calls of every task held");
        return held;
    }

    /// <summary>The same, if calls of every task are held at this moment.</summary>
    /// <returns>How many cards are held; 0 if not of every task, and then nothing is remembered.</returns>
    public async Task<int> TryStrikeAsync()
    {
        List<(TaskType Type, ClaimedCall[] Calls, DateTimeOffset At)> held = [];
        foreach (var type in Fleet.Tasks)
        {
            var places = await _system.PlacesAsync(type);
            held.Add((type, places.Calls.Where(call => Fleet.Accounts.Single(a => a.Id == call.AccountId).HasCallsToSpare).ToArray(), Now));
        }

        if (held.Exists(task => task.Calls.Length == 0))
        {
            return 0;
        }

        _held.AddRange(held);
        return held.Sum(task => task.Calls.Sum(call => call.Cards.Count));
    }

    /// <summary>Of the calls that were held at a strike, how many still are.</summary>
    public async Task<int> StillHeldAsync()
    {
        var held = 0;
        foreach (var (type, calls, _) in _held)
        {
            held += await CountHeldAsync(type, calls);
        }

        return held;
    }

    /// <summary>
    /// Within a lease and 5 s every card that was held at a strike has the result of its call or of a later one, and is held by that call no more; all
    /// cards are in one place each, no effect was doubled and no quota exceeded.
    /// </summary>
    /// <param name="from">From when on the time counts; default: the last strike.</param>
    public async Task EndAsync(DateTimeOffset? from = null)
    {
        var end = (from ?? _held[^1].At) + FaultSystem.LeaseAndFive;
        await Condition.HoldsAsync(FindUnmendedAsync, end - Now, Pause);
        await Condition.HoldsAsync(_system.ProblemAsync, end - Now, Pause);
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"recovered {(Now - _held[^1].At).TotalSeconds:F1} s after the last strike, {(Now - _begunAt).TotalSeconds:F1} s after the beginning");
        await _watch.EndAsync();
        await AssertEffectsAsync();
    }

    public async ValueTask DisposeAsync() => await _watch.DisposeAsync();

    private async Task AssertEffectsAsync()
    {
        await _system.Effects.AssertInOrderAsync();
        var usage = await _system.Effects.UsageSinceAsync(_since);
        var calls = await _system.Carrier.CallsSinceAsync(_mark);
        Effects.AssertAnswered(usage, calls);
        Carrier.AssertQuotasKept(calls);
    }

    // The result of a call that was held is durable, or that of a later one; and no call is held any longer than its lease.
    private async Task<string?> FindUnmendedAsync()
    {
        foreach (var (type, calls, _) in _held)
        {
            var waiting = await _system.Effects.WithoutResultAsync(type, calls);
            if (waiting.Count > 0)
            {
                return $"{type}: {waiting.Count} of {calls.Sum(call => call.Cards.Count)} cards that were held have no result since, among them {waiting[0]}";
            }

            var held = await CountHeldAsync(type, calls);
            if (held > 0)
            {
                return $"{type}: {held} of {calls.Length} calls that were held still are";
            }
        }

        return null;
    }

    private async Task<int> CountHeldAsync(TaskType type, ClaimedCall[] calls) =>
        calls.Select(call => call.Id).Intersect((await _system.PlacesAsync(type)).Calls.Select(call => call.Id)).Count();
}
