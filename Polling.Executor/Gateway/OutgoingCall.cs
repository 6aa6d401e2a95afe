using Polling.Core.Queue.Claims;
using Polling.Core.Queue.Quotas;
using Polling.Executor.Claims;

namespace Polling.Executor.Gateway;

/// <summary>A claimed call on its way to the gateway.</summary>
/// <param name="lease">Its hold on its cards.</param>
/// <param name="totalTimeout">The longest that it can take.</param>
internal sealed class OutgoingCall(CallLease lease, TimeSpan totalTimeout) : CarrierCall(lease.Call.AccountId, totalTimeout)
{
    private long? _firstSentAt;

    public ClaimedCall Claimed => lease.Call;

    public override string Id => Claimed.Id;

    public override CallPriority Priority => Claimed.IsManual ? CallPriority.Manual : CallPriority.Polling;

    /// <summary>After this moment too little of the lease is left to send anything; a renewal moves it.</summary>
    public override DateTimeOffset SendBefore => lease.EndsAt - TotalTimeout - ExecutorOptionsValidator.Margin;

    /// <summary>All requests of a call together take no longer than its total timeout: its permit does not, either.</summary>
    public override TimeSpan TimeLeft(TimeProvider time) => TotalTimeout - time.GetElapsedTime(_firstSentAt ??= time.GetTimestamp());

    protected override string AttemptPrefix => $"{Claimed.Type}:{Claimed.Id}";

    /// <summary>Now by Redis' clock, which due times are of: when the call was claimed there, and what has passed here since.</summary>
    public override DateTimeOffset Now(TimeProvider time) =>
        DateTimeOffset.FromUnixTimeMilliseconds(Claimed.ClaimedMs) + (time.GetUtcNow() - lease.AskedAt);
}
