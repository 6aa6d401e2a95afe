using System.Globalization;
using Polling.Core.Persistence.Suspensions;
using Polling.Core.Queue.Quotas;
using Polling.Executor.Gateway;

namespace Polling.Executor.Suspensions;

/// <summary>What a carrier is asked about one suspension. In the account's budget it comes before all else.</summary>
internal sealed class SuspensionCall(SuspensionWork work, int accountId, DateTimeOffset heldUntil, TimeSpan totalTimeout) : CarrierCall(accountId, totalTimeout)
{
    public override string Id => string.Create(CultureInfo.InvariantCulture, $"suspension-{work.Id}");

    public override CallPriority Priority => CallPriority.Suspension;

    public override DateTimeOffset SendBefore => heldUntil - TotalTimeout - ExecutorOptionsValidator.Margin;

    // The hold is another each time the work is taken up: so are the names of its attempts.
    protected override string AttemptPrefix => $"{Id}:{work.Owner}";

    public override DateTimeOffset Now(TimeProvider time) => time.GetUtcNow();
}
