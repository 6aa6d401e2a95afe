using Polling.Core.Queue.Quotas;

namespace Polling.Executor.Gateway;

/// <summary>What a carrier is asked about something that this process holds by a row in PostgreSQL: a suspension, a past cycle, a stopped card.</summary>
/// <param name="id">For logs; it may be taken up more than once.</param>
/// <param name="accountId">Whose budget it is.</param>
/// <param name="priority">How much of the budgets it may use.</param>
/// <param name="heldUntil">End of the hold, by this process' clock: nothing is sent that could take longer.</param>
/// <param name="totalTimeout">The longest that one request can take, retries included.</param>
internal sealed class HeldCall(string id, int accountId, CallPriority priority, DateTimeOffset heldUntil, TimeSpan totalTimeout)
    : CarrierCall(accountId, totalTimeout)
{
    // Each time that it is taken up its attempts have other names.
    private readonly string _attemptPrefix = $"{id}:{Guid.NewGuid():N}";

    public override string Id => id;

    public override CallPriority Priority => priority;

    public override DateTimeOffset SendBefore => heldUntil - TotalTimeout - ExecutorOptionsValidator.Margin;

    protected override string AttemptPrefix => _attemptPrefix;

    public override DateTimeOffset Now(TimeProvider time) => time.GetUtcNow();
}
