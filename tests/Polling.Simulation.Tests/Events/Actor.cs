namespace Polling.Simulation.Tests.Events;

/// <summary>
/// A sequence of steps: an ordinary asynchronous method that says between two steps how long it waits. When its machine dies it simply
/// is never woken again: nothing of it runs any more, no <c>finally</c> either, as with <c>kill -9</c>.
/// </summary>
internal sealed class Actor(EventLoop loop, Machine machine, string name)
{
    private TaskCompletionSource _resume = new();
    private TaskCompletionSource _turnEnded = new();

    public string Name { get; } = name;

    public Machine Machine { get; } = machine;

    /// <summary>Number of the wake-up that counts; events of older ones are void.</summary>
    public long Wake { get; private set; }

    /// <summary>What it is about to do, for fault points and the history.</summary>
    public string Step { get; set; } = "start";

    /// <summary>Waits; the next step begins after it.</summary>
    public Task PauseAsync(TimeSpan wait)
    {
        var resume = _resume = new TaskCompletionSource();
        Wake++;
        loop.Add(this, loop.NowUs + (long)wait.TotalMicroseconds);
        _turnEnded.SetResult();
        return resume.Task;
    }

    /// <summary>Waits for a signal, at most so long.</summary>
    public async Task WaitAsync(Signal signal, TimeSpan longest)
    {
        if (!signal.Take(this))
        {
            await PauseAsync(longest);
            signal.Forget();
        }
    }

    public void WakeUp(TimeSpan after)
    {
        Wake++;
        loop.Add(this, loop.NowUs + (long)after.TotalMicroseconds);
    }

    public void Begin(Func<Actor, Task> life, TimeSpan after)
    {
        loop.Add(this, loop.NowUs + (long)after.TotalMicroseconds);
        _ = LiveAsync(life, _resume.Task);
    }

    /// <summary>Lets it go on; ends when it waits again or has ended.</summary>
    public async Task TurnAsync()
    {
        _turnEnded = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var ended = _turnEnded.Task;
        _resume.SetResult();
        await ended;
    }

    private async Task LiveAsync(Func<Actor, Task> life, Task begin)
    {
        await begin;
        try
        {
            await life(this);
            _turnEnded.SetResult();
        }
#pragma warning disable CA1031 // The simulation fails with it.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _turnEnded.SetException(e);
        }
    }
}

/// <summary>A process: its actors live and stand still with it.</summary>
internal sealed class Machine(string name)
{
    public string Name { get; } = name;

    public bool IsAlive { get; private set; } = true;

    /// <summary>Until when it stands still, Unix µs; it goes on where it was.</summary>
    public long StillUntilUs { get; private set; }

    public bool StandsStill(long nowUs) => IsAlive && nowUs < StillUntilUs;

    public void Kill() => IsAlive = false;

    public void StandStill(long untilUs) => StillUntilUs = untilUs;
}

/// <summary>Wakes one waiting actor; signals that come while it does not wait are kept as one.</summary>
internal sealed class Signal
{
    private static readonly TimeSpan OnTheWay = TimeSpan.FromMicroseconds(300);
    private Actor? _waiter;
    private bool _isSet;

    public void Set()
    {
        _isSet = true;
        if (_waiter is { } waiter)
        {
            _waiter = null;
            waiter.WakeUp(OnTheWay);
        }
    }

    public bool Take(Actor actor)
    {
        var wasSet = _isSet;
        _isSet = false;
        _waiter = wasSet ? null : actor;
        return wasSet;
    }

    public void Forget()
    {
        _waiter = null;
        _isSet = false;
    }
}
