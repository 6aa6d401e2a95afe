using Polling.Core.Queue.Quotas;
using Polling.Executor.Dialects;

namespace Polling.Executor.Gateway;

/// <summary>The gateway answered in a way that says nothing about the cards.</summary>
/// <param name="code">Short code, at most 32 characters, as it is kept in <c>tb_card_poll</c>.</param>
/// <param name="message">What happened.</param>
/// <param name="inner">Cause.</param>
internal sealed class GatewayException(string code, string message, Exception? inner = null) : Exception(message, inner)
{
    public string Code { get; } = code;

    /// <summary>What it says about the carrier; unless set, that its answer was none.</summary>
    public AttemptResult Result { get; init; } = AttemptResult.Transport;

    /// <summary>What follows from it.</summary>
    public GatewayOutcome Outcome { get; init; } = GatewayOutcome.RetryLater;
}
