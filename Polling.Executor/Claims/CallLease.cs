using Polling.Core.Queue.Claims;

namespace Polling.Executor.Claims;

/// <summary>A claimed call's hold on its cards, by this process' clock.</summary>
/// <remarks>
/// It ends, for this process, no later than in Redis: it counts from before the claim, or the renewal, was sent. After that
/// nothing is sent and nothing committed for the call any more; somebody else may have its cards.
/// </remarks>
internal sealed class CallLease(ClaimedCall call, DateTimeOffset askedAt, DateTimeOffset leasedAt, TimeSpan lease)
{
    private long _endsAtTicks = (leasedAt + lease).UtcTicks;

    /// <summary>The call.</summary>
    public ClaimedCall Call { get; } = call;

    /// <summary>When the claim that brought it was sent.</summary>
    public DateTimeOffset AskedAt { get; } = askedAt;

    /// <summary>From when on it has run: when that claim was first sent, if answers were lost.</summary>
    public DateTimeOffset LeasedAt { get; } = leasedAt;

    /// <summary>When it ends unless it is renewed.</summary>
    public DateTimeOffset EndsAt => new(Interlocked.Read(ref _endsAtTicks), TimeSpan.Zero);

    /// <summary>It was renewed and ends at that time now.</summary>
    public void Renewed(DateTimeOffset endsAt) => Interlocked.Exchange(ref _endsAtTicks, endsAt.UtcTicks);

    /// <summary>It is lost.</summary>
    public void Lost() => Interlocked.Exchange(ref _endsAtTicks, 0);
}
