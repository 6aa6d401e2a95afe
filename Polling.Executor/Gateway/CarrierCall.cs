using Polling.Core.Queue.Quotas;

namespace Polling.Executor.Gateway;

/// <summary>Something that a carrier is asked: by polling, by hand, or about a suspension. Each of its HTTP attempts is charged to its account.</summary>
/// <param name="accountId">Whose budget it is.</param>
/// <param name="totalTimeout">The longest that one request can take, retries included.</param>
internal abstract class CarrierCall(int accountId, TimeSpan totalTimeout)
{
    private int _attempts;

    public int AccountId { get; } = accountId;

    public TimeSpan TotalTimeout { get; } = totalTimeout;

    /// <summary>For logs, and the idempotency key of what changes nothing.</summary>
    public abstract string Id { get; }

    /// <summary>How much of the account's budgets it may use.</summary>
    public abstract CallPriority Priority { get; }

    /// <summary>After this moment nothing is sent any more: somebody else may do it.</summary>
    public abstract DateTimeOffset SendBefore { get; }

    /// <summary>How long the next request may take, retries included; 0 or less: none is sent.</summary>
    public virtual TimeSpan TimeLeft(TimeProvider time) => TotalTimeout;

    /// <summary>Cancelled when this process gives the call up: its end then says nothing about the carrier.</summary>
    public CancellationToken GivenUp { get; set; }

    /// <summary>The attempt whose answer has begun and is still being read, and when it was sent; null = none.</summary>
    public (string Attempt, long StartedAt)? Answering { get; set; }

    /// <summary>Name of the next attempt: unique over all processes.</summary>
    public string NextAttempt() => $"{AttemptPrefix}#{Interlocked.Increment(ref _attempts)}";

    /// <summary>Now, by the clock that results are dated by.</summary>
    public abstract DateTimeOffset Now(TimeProvider time);

    /// <summary>What names the call's attempts.</summary>
    protected abstract string AttemptPrefix { get; }
}
