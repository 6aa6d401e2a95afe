using Polling.Core.Queue.Quotas;

namespace Polling.Executor.Gateway;

/// <summary>What an account granted one request, and when; it holds for <see cref="QuotaGate.Margin"/>.</summary>
internal sealed class AttemptGrant(CarrierCall call, AccountGate gate, AttemptReports reports, TimeProvider time)
{
    private const int GrantsMax = 3;

    // A request that has its connection waits so long for a new grant before it drops it.
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(3);

    private long _askedAt;

    /// <summary>The attempt that was granted and has not ended; null = none.</summary>
    public string? Attempt { get; private set; }

    /// <summary>When it could be sent.</summary>
    public long StartedAt { get; private set; }

    private bool IsFresh => time.GetElapsedTime(_askedAt) <= QuotaGate.Margin;

    // A little longer than it can take, so that a timeout is reported while the attempt still counts.
    private TimeSpan InFlightMax => call.TotalTimeout + ExecutorOptionsValidator.Margin;

    /// <summary>Asks until a grant is fresh.</summary>
    /// <exception cref="QuotaRefusedException">The account refused it.</exception>
    /// <exception cref="LeaseTooShortException">Too little is left of the lease.</exception>
    /// <exception cref="GrantTooOldException">No grant came in time.</exception>
    public async Task AcquireAsync()
    {
        for (var grants = 1; ; grants++)
        {
            if (call.SendBefore <= time.GetUtcNow())
            {
                throw new LeaseTooShortException(call.Id);
            }

            var attempt = call.NextAttempt();
            var decision = await gate.AcquireAsync(call.AccountId, attempt, InFlightMax, call.Priority);
            if (!decision.IsGranted)
            {
                throw new QuotaRefusedException(call.AccountId, decision);
            }

            (Attempt, StartedAt, _askedAt) = (attempt, time.GetTimestamp(), decision.AskedAt);
            if (IsFresh)
            {
                return;
            }

            // This process stood still, or Redis did: sent now, it could come into a second whose calls others were granted.
            await EndAsync(AttemptResult.None);
            if (grants == GrantsMax)
            {
                throw new GrantTooOldException(call.Id);
            }
        }
    }

    /// <summary>The request could be sent now: sees to it that the grant still holds.</summary>
    /// <param name="cancellation">Gives the request up.</param>
    /// <inheritdoc cref="AcquireAsync" path="/exception"/>
    /// <remarks>
    /// A grant of the last second is moved to now, at no charge. One that is older has left that second: others may have been granted its place, so another is
    /// asked for. While the account's calls of this second are used up, the request waits for it on its connection: dropped, each would open another one, just as
    /// slowly, and spend its next grant on that; a busy account would send nothing at all. The five minutes and the month keep the old charge.
    /// </remarks>
    public async Task FreshenAsync(CancellationToken cancellation)
    {
        if (!IsFresh)
        {
            var asked = time.GetTimestamp();
            var moved = await gate.RegrantAsync(call.AccountId, Attempt!, InFlightMax);
            _askedAt = asked;
            if (!moved || !IsFresh)
            {
                await EndAsync(AttemptResult.None);
                await AcquireInTimeAsync(cancellation);
            }
        }

        StartedAt = time.GetTimestamp();
    }

    /// <summary>The attempt has ended, if there is one.</summary>
    public async Task EndAsync(AttemptResult result)
    {
        if (Attempt is { } attempt)
        {
            Attempt = null;
            await reports.EndAsync(call, attempt, StartedAt, result);
        }
    }

    private async Task AcquireInTimeAsync(CancellationToken cancellation)
    {
        var since = time.GetTimestamp();
        while (true)
        {
            try
            {
                await AcquireAsync();
                return;
            }
            catch (QuotaRefusedException e) when (e.Decision.Refusal is QuotaRefusal.Rate or QuotaRefusal.InFlight
                && time.GetElapsedTime(since) + e.Decision.RetryAfter < WaitMax)
            {
                await Task.Delay(e.Decision.RetryAfter, time, cancellation);
            }
        }
    }
}
