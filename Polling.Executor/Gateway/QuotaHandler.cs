using Polling.Core.Queue.Quotas;

namespace Polling.Executor.Gateway;

/// <summary>An account refused an attempt: nothing was sent.</summary>
internal sealed class QuotaRefusedException(int accountId, QuotaDecision decision)
    : Exception($"Account {accountId} refuses the call ({decision.Refusal}); worth asking again in {decision.RetryAfter.TotalMilliseconds} ms.")
{
    public QuotaDecision Decision { get; } = decision;
}

/// <summary>
/// Innermost handler: every HTTP attempt, retries included, is charged to its account right before it is sent, and the account
/// learns how it ended. An attempt that brought an answer ends when <see cref="GatewayHttp"/> has read it.
/// </summary>
internal sealed class QuotaHandler(AccountGate gate, AttemptReports reports, TimeProvider time) : DelegatingHandler
{
    /// <summary>The call that a request belongs to.</summary>
    public static readonly HttpRequestOptionsKey<CarrierCall> Call = new("polling.call");

    /// <summary>Whether a request changes something: it is never sent twice without looking first.</summary>
    public static readonly HttpRequestOptionsKey<bool> IsChange = new("polling.change");

    private const int GrantsMax = 3;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (!request.Options.TryGetValue(Call, out var call))
        {
            throw new InvalidOperationException("A request to a carrier must name its call, so that its account can be charged.");
        }

        var attempt = await AcquireAsync(call);
        var started = time.GetTimestamp();
        HttpResponseMessage response;
        try
        {
            response = await base.SendAsync(request, cancellationToken);
        }
        catch
        {
            await reports.EndAsync(call, attempt, started, call.GivenUp.IsCancellationRequested ? AttemptResult.None : AttemptResult.Transport);
            throw;
        }

        call.Answering = (attempt, started);
        return response;
    }

    /// <returns>The attempt that was granted just now.</returns>
    private async Task<string> AcquireAsync(CarrierCall call)
    {
        for (var grants = 1; ; grants++)
        {
            if (call.SendBefore <= time.GetUtcNow())
            {
                throw new LeaseTooShortException(call.Id);
            }

            // A little longer than it can take, so that a timeout is reported while the attempt still counts.
            var attempt = call.NextAttempt();
            var asked = time.GetTimestamp();
            var decision = await gate.AcquireAsync(
                call.AccountId, attempt, call.TotalTimeout + ExecutorOptionsValidator.Margin, call.Priority);
            if (!decision.IsGranted)
            {
                throw new QuotaRefusedException(call.AccountId, decision);
            }

            if (time.GetElapsedTime(asked) <= QuotaGate.Margin)
            {
                return attempt;
            }

            // This process stood still, or Redis did: sent now, it could come into a second whose calls others were granted.
            await reports.EndAsync(call, attempt, asked, AttemptResult.None);
            if (grants == GrantsMax)
            {
                throw new GrantTooOldException(call.Id);
            }
        }
    }
}

/// <summary>Less of the lease is left than a call may take: nothing was sent.</summary>
internal sealed class LeaseTooShortException(string callId) : Exception($"Too little is left of the lease of call {callId} to send it.");

/// <summary>The account granted the call so long ago that the grant no longer holds: nothing was sent.</summary>
internal sealed class GrantTooOldException(string callId) : Exception($"Too much time has passed since call {callId} was granted.");
