using Polling.Core.Queue.Claims;
using Polling.Core.Queue.Quotas;
using Polling.Executor.Claims;

namespace Polling.Executor.Gateway;

/// <summary>A claimed call on its way to the gateway.</summary>
/// <param name="lease">Its hold on its cards.</param>
/// <param name="totalTimeout">The longest that it can take.</param>
internal sealed class OutgoingCall(CallLease lease, TimeSpan totalTimeout)
{
    private int _attempts;

    public ClaimedCall Claimed => lease.Call;

    /// <summary>After this moment too little of the lease is left to send anything; a renewal moves it.</summary>
    public DateTimeOffset SendBefore => lease.EndsAt - TotalTimeout - ExecutorOptionsValidator.Margin;

    public TimeSpan TotalTimeout { get; } = totalTimeout;

    /// <summary>How much of the account's budgets it may use.</summary>
    public CallPriority Priority => Claimed.IsManual ? CallPriority.Manual : CallPriority.Polling;

    /// <summary>Cancelled when this process gives the call up: its end then says nothing about the carrier.</summary>
    public CancellationToken GivenUp { get; set; }

    /// <summary>The attempt whose answer has begun and is still being read, and when it was sent; null = none.</summary>
    public (string Attempt, long StartedAt)? Answering { get; set; }

    /// <summary>Name of the next attempt.</summary>
    public string NextAttempt() => $"{Claimed.Type}:{Claimed.Id}#{Interlocked.Increment(ref _attempts)}";

    /// <summary>Now by Redis' clock, which due times are of: when the call was claimed there, and what has passed here since.</summary>
    public DateTimeOffset RedisNow(TimeProvider time) =>
        DateTimeOffset.FromUnixTimeMilliseconds(Claimed.ClaimedMs) + (time.GetUtcNow() - lease.AskedAt);
}
