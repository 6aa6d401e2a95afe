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
/// <remarks>
/// Between here and the first byte a connection may have to be opened (name, TCP, TLS: a second, for a carrier far away). So the grant is looked at
/// again where the HTTP client asks for the request's content: it has a connection then, and has sent nothing, not even the head
/// (<see cref="GrantedContent"/>).
/// </remarks>
internal sealed class QuotaHandler(AccountGate gate, AttemptReports reports, TimeProvider time) : DelegatingHandler
{
    /// <summary>The call that a request belongs to.</summary>
    public static readonly HttpRequestOptionsKey<CarrierCall> Call = new("polling.call");

    /// <summary>Whether a request changes something: it is never sent twice without looking first.</summary>
    public static readonly HttpRequestOptionsKey<bool> IsChange = new("polling.change");

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (!request.Options.TryGetValue(Call, out var call) || request.Content is not { } content)
        {
            throw new InvalidOperationException("A request to a carrier must name its call, so that its account can be charged, and have a content.");
        }

        var grant = new AttemptGrant(call, gate, reports, time);
        await grant.AcquireAsync();
        try
        {
            request.Content = new GrantedContent(content, grant);
            var response = await base.SendAsync(request, cancellationToken);
            call.Answering = (grant.Attempt!, grant.StartedAt);
            return response;
        }
        catch
        {
            await grant.EndAsync(call.GivenUp.IsCancellationRequested ? AttemptResult.None : AttemptResult.Transport);
            throw;
        }
        finally
        {
            // It may be sent again.
            request.Content = content;
        }
    }
}

/// <summary>Less of the lease is left than a call may take: nothing was sent.</summary>
internal sealed class LeaseTooShortException(string callId) : Exception($"Too little is left of the lease of call {callId} to send it.");

/// <summary>The account granted the call so long ago that the grant no longer holds: nothing was sent.</summary>
internal sealed class GrantTooOldException(string callId) : Exception($"Too much time has passed since call {callId} was granted.");
