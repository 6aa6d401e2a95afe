using System.Net;
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
/// learns how it ended. An attempt that brought an answer ends when <see cref="GatewayClient"/> has read it.
/// </summary>
internal sealed class QuotaHandler(AccountGate gate, AttemptReports reports, TimeProvider time) : DelegatingHandler
{
    /// <summary>The call that a request belongs to.</summary>
    public static readonly HttpRequestOptionsKey<OutgoingCall> Call = new("polling.call");

    // When the line to Redis broke or this process slept, a grant may be so old that its call would come among those of the next second; the lease may be
    // over, too. Nothing is sent on it then: it stays charged, and another is asked for.
    private static readonly TimeSpan GrantAgeMax = TimeSpan.FromMilliseconds(500);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (!request.Options.TryGetValue(Call, out var call))
        {
            throw new InvalidOperationException("A request to a carrier must name its call, so that its account can be charged.");
        }

        var attempt = await AcquireAsync(call, cancellationToken);
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

        if (response.IsSuccessStatusCode)
        {
            call.Answering = (attempt, started);
        }
        else
        {
            var throttled = response.StatusCode == HttpStatusCode.TooManyRequests;
            await reports.EndAsync(call, attempt, started, throttled ? AttemptResult.Throttled : AttemptResult.Refused);
        }

        return response;
    }

    /// <returns>An attempt that was granted just now, and may be sent at once.</returns>
    private async Task<string> AcquireAsync(OutgoingCall call, CancellationToken cancellation)
    {
        var accountId = call.Claimed.AccountId;
        while (call.SendBefore > time.GetUtcNow())
        {
            var attempt = call.NextAttempt();
            var asked = time.GetTimestamp();

            // A little longer than it can take, so that a timeout is reported while the attempt still counts.
            var decision = await gate.AcquireAsync(accountId, attempt, call.TotalTimeout + ExecutorOptionsValidator.Margin, call.Priority);
            if (!decision.IsGranted)
            {
                throw new QuotaRefusedException(accountId, decision);
            }

            if (time.GetElapsedTime(asked) <= GrantAgeMax)
            {
                return attempt;
            }

            await reports.EndAsync(call, attempt, asked, AttemptResult.None);
            cancellation.ThrowIfCancellationRequested();
        }

        throw new LeaseTooShortException(call.Claimed.Id);
    }
}

/// <summary>Less of the lease is left than a call may take: nothing was sent.</summary>
internal sealed class LeaseTooShortException(string callId) : Exception($"Too little is left of the lease of call {callId} to send it.");
