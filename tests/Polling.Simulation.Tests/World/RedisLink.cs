using Polling.Simulation.Tests.Events;
using StackExchange.Redis;

namespace Polling.Simulation.Tests.World;

/// <summary>What becomes of something asked of Redis.</summary>
internal enum Delivery
{
    Whole,

    /// <summary>It never arrived.</summary>
    NotRun,

    /// <summary>It ran, and the answer was lost.</summary>
    AnswerLost,
}

/// <summary>The way from an actor to Redis and back, each a step of its own: between them anything may happen.</summary>
internal static class RedisLink
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <exception cref="RedisTimeoutException">No answer; it may have run.</exception>
    public static async Task<T> AskAsync<T>(this SimulatedWorld world, Actor actor, string what, Func<Task<T>> run, Func<T, string>? tell = null)
    {
        actor.Step = what;
        await actor.PauseAsync(world.OnTheWay());
        var delivery = world.Faults?.Deliver(actor) ?? Delivery.Whole;
        if (delivery == Delivery.NotRun)
        {
            await actor.PauseAsync(Timeout);
            throw new RedisTimeoutException(what, CommandStatus.Unknown);
        }

        world.Redis.SetNow(world.Loop.NowUs);
        var reply = await run();
        world.Log(actor.Name, tell is null ? what : $"{what} {tell(reply)}");
        if (delivery == Delivery.AnswerLost)
        {
            await actor.PauseAsync(Timeout);
            throw new RedisTimeoutException(what, CommandStatus.Sent);
        }

        await actor.PauseAsync(world.OnTheWay());
        return reply;
    }

    private static TimeSpan OnTheWay(this SimulatedWorld world) => TimeSpan.FromMicroseconds(world.Random.Next(50, 1_000));
}
