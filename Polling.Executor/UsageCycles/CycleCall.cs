using System.Globalization;
using Polling.Core.Persistence.Usage;
using Polling.Core.Queue.Quotas;
using Polling.Executor.Gateway;

namespace Polling.Executor.UsageCycles;

/// <summary>A carrier is asked what was used in a cycle that is over; by the budget of polling.</summary>
internal sealed class CycleCall(EndedCycle cycle, string executor, DateTimeOffset heldUntil, TimeSpan totalTimeout) : CarrierCall(cycle.AccountId, totalTimeout)
{
    private readonly string _nonce = Guid.NewGuid().ToString("N")[..8];

    public override string Id => string.Create(CultureInfo.InvariantCulture, $"cycle-{cycle.CardId}-{cycle.Cycle:yyyyMMdd}");

    public override CallPriority Priority => CallPriority.Polling;

    public override DateTimeOffset SendBefore => heldUntil - TotalTimeout - ExecutorOptionsValidator.Margin;

    // It may be taken up more than once: so are the names of its attempts.
    protected override string AttemptPrefix => $"{Id}:{executor}:{_nonce}";

    public override DateTimeOffset Now(TimeProvider time) => time.GetUtcNow();
}
