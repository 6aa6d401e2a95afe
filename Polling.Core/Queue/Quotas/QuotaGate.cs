using Polling.Core.Queue.Scripts;
using StackExchange.Redis;

namespace Polling.Core.Queue.Quotas;

/// <summary>Why an account refuses a call.</summary>
public enum QuotaRefusal
{
    /// <summary>It does not: the call may be sent at once.</summary>
    None,

    /// <summary>The account is not published to Redis (yet).</summary>
    Unknown,

    /// <summary>An operator has paused it.</summary>
    Paused,

    /// <summary>Its calls a second are used up.</summary>
    Rate,

    /// <summary>It has as many calls in flight as it may.</summary>
    InFlight,
}

/// <summary>Answer to an acquire.</summary>
/// <param name="Refusal">Why it was refused; None = granted.</param>
/// <param name="RetryAfter">When it is worth asking again.</param>
public readonly record struct QuotaDecision(QuotaRefusal Refusal, TimeSpan RetryAfter)
{
    /// <summary>The call may be sent at once.</summary>
    public bool IsGranted => Refusal == QuotaRefusal.None;
}

/// <summary>Charges an account right before each HTTP attempt of every kind; only what it grants may be sent.</summary>
public sealed class QuotaGate(ScriptRunner scripts, RedisKeys keys, IConnectionMultiplexer redis)
{
    /// <summary>
    /// The window in which calls a second are counted: a second and a margin of 10 %, for jitter between the grant and the
    /// carrier's own count.
    /// </summary>
    public static readonly TimeSpan Window = TimeSpan.FromMilliseconds(1100);

    /// <summary>Asks for one attempt.</summary>
    /// <param name="accountId">Carrier account.</param>
    /// <param name="attempt">Name of the attempt, unique; the same again is granted without a second charge.</param>
    /// <param name="timeout">The longest that it can be in flight.</param>
    public async Task<QuotaDecision> AcquireAsync(int accountId, string attempt, TimeSpan timeout)
    {
        var reply = (RedisResult[])(await scripts.RunAsync("acquire",
            [keys.AccountLimits(accountId), keys.QuotaWindow(accountId), keys.InFlight(accountId)],
            [attempt, (long)timeout.TotalMilliseconds, (long)Window.TotalMicroseconds]))!;
        return (int)reply[0] == 1
            ? new QuotaDecision(QuotaRefusal.None, TimeSpan.Zero)
            : new QuotaDecision(Read((string)reply[1]!), TimeSpan.FromMilliseconds((long)reply[2]));
    }

    /// <summary>The attempt has ended: it is no longer in flight.</summary>
    public Task EndAsync(int accountId, string attempt) => redis.GetDatabase().SortedSetRemoveAsync(keys.InFlight(accountId), attempt);

    private static QuotaRefusal Read(string reason) => reason switch
    {
        "unknown" => QuotaRefusal.Unknown,
        "paused" => QuotaRefusal.Paused,
        "rate" => QuotaRefusal.Rate,
        "in_flight" => QuotaRefusal.InFlight,
        _ => throw new InvalidOperationException($"acquire-3.lua gave the reason '{reason}', which is not known here."),
    };
}
