namespace Polling.Simulation.Tests.Events;

/// <summary>
/// Simulated time: a queue of events, ordered by time, events of the same time by a seeded draw. One actor at a time has its turn, and
/// the next event comes only when that turn has ended, whatever real input and output it waited for: so a seed has one history.
/// </summary>
internal sealed class EventLoop(int seed, long startUs)
{
    private readonly PriorityQueue<(Actor Actor, long Wake), (long AtUs, int Tie, long Number)> _events = new();
    private readonly Random _ties = new(seed);
    private long _number;

    /// <summary>Unix µs.</summary>
    public long NowUs { get; private set; } = startUs;

    /// <summary>Unix ms.</summary>
    public long NowMs => NowUs / 1000;

    /// <summary>Turns so far.</summary>
    public long Turns { get; private set; }

    /// <summary>Asked before each turn: the point between two steps at which anything may happen.</summary>
    public Func<Actor, Task>? BetweenSteps { get; set; }

    /// <summary>Starts an actor after a while; it ends with its machine.</summary>
    public void Start(Machine machine, string name, Func<Actor, Task> life, TimeSpan after = default) =>
        new Actor(this, machine, name).Begin(life, after);

    /// <summary>Runs until nothing happens before that time, and goes on to it.</summary>
    public async Task RunUntilAsync(long atUs)
    {
        while (_events.TryPeek(out _, out var next) && next.AtUs <= atUs)
        {
            var (actor, wake) = _events.Dequeue();
            if (actor.Wake != wake || !actor.Machine.IsAlive)
            {
                continue;
            }

            NowUs = Math.Max(NowUs, next.AtUs);
            if (BetweenSteps is { } between && !actor.Machine.StandsStill(NowUs))
            {
                await between(actor);
            }

            if (actor.Machine.StandsStill(NowUs))
            {
                Add(actor, actor.Machine.StillUntilUs);
            }
            else if (actor.Machine.IsAlive)
            {
                Turns++;
                await actor.TurnAsync();
            }
        }

        NowUs = Math.Max(NowUs, atUs);
    }

    public void Add(Actor actor, long atUs) => _events.Enqueue((actor, actor.Wake), (Math.Max(atUs, NowUs), _ties.Next(), _number++));
}
