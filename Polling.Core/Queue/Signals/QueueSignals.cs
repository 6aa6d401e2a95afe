using Polling.Core.Configuration;
using StackExchange.Redis;

namespace Polling.Core.Queue.Signals;

/// <summary>What a signal tells.</summary>
public enum SignalKind
{
    /// <summary>Cards were admitted to the queue: executors may claim.</summary>
    Admitted,

    /// <summary>Cards were placed in a schedule: they may be due before anything that schedulers know of.</summary>
    Placed,
}

/// <summary>
/// Wakes processes that wait for work, through Redis' channels, so that nobody has to ask all the time. A signal is a hint: it may
/// be lost or come too often, so whoever waits also looks now and then without one.
/// </summary>
public sealed class QueueSignals(IConnectionMultiplexer redis)
{
    /// <summary>Sends a signal; whether it arrives is not waited for.</summary>
    public void Send(TaskType type, SignalKind kind) =>
        redis.GetSubscriber().Publish(Channel(type, kind), RedisValue.EmptyString, CommandFlags.FireAndForget);

    /// <summary>Listens to a signal for the life of the process.</summary>
    public async Task<QueueSignal> ListenAsync(TaskType type, SignalKind kind)
    {
        var signal = new QueueSignal();
        await redis.GetSubscriber().SubscribeAsync(Channel(type, kind), (_, _) => signal.Set());
        return signal;
    }

    private static RedisChannel Channel(TaskType type, SignalKind kind) => RedisChannel.Literal(kind switch
    {
        SignalKind.Admitted => $"polling:signal:admitted:{type.Name()}",
        _ => $"polling:signal:placed:{type.Name()}",
    });
}

/// <summary>A signal that is listened to by one waiter. Signals that come while nobody waits are kept as one.</summary>
public sealed class QueueSignal : IDisposable
{
    private readonly SemaphoreSlim _set = new(0, 1);

    /// <summary>Waits for a signal, or until <paramref name="longest"/> is over.</summary>
    public Task WaitAsync(TimeSpan longest, CancellationToken cancellation) => _set.WaitAsync(longest, cancellation);

    /// <inheritdoc/>
    public void Dispose() => _set.Dispose();

    internal void Set()
    {
        try
        {
            _set.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is set already.
        }
        catch (ObjectDisposedException)
        {
            // The process is stopping.
        }
    }
}
