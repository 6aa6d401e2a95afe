using Polling.Core.Cards;
using Polling.Core.Persistence.Results;
using Polling.Core.Queue.Facts;
using Polling.Executor.Gateway;

namespace Polling.Executor.RealName;

/// <summary>Asks a gateway for the real-name status of a call's cards and turns its answer into results, one for each card.</summary>
internal sealed partial class RealNameCheck(GatewayClient gateway, ILogger<RealNameCheck> logger)
{
    /// <summary>Asks.</summary>
    /// <exception cref="QuotaRefusedException">The account refused the call: nothing was sent.</exception>
    /// <exception cref="LeaseTooShortException">Nothing was sent.</exception>
    public async Task<IReadOnlyList<RealNameResult>> AskAsync(
        OutgoingCall call, GatewayAccount account, IReadOnlyList<AskedCard> cards, TimeProvider time, CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        Dictionary<string, RealNameAnswer>? answers = null;
        string? failure = null;
        try
        {
            answers = await gateway.AskRealNameAsync(call, account, [.. cards.Select(c => c.Facts)], cancellation);
        }
        catch (GatewayException e)
        {
            failure = e.Code;
            LogCallFailed(logger, call.Claimed.Id, account.Code, cards.Count, e.Code, e.Message);
        }

        var elapsed = time.GetElapsedTime(started);
        var checkedAt = call.RedisNow(time);
        return [.. cards.Select(card => Result(card))];

        RealNameResult Result(AskedCard card)
        {
            var answer = answers?.GetValueOrDefault(card.Facts.Number);
            var error = failure ?? (answer is null ? "no_answer" : answer.Status != "0" ? answer.Status ?? "no_status" : answer.RealName is null ? "no_value" : null);
            LogCard(logger, card.Facts.CardId, error ?? "checked");
            return new RealNameResult(
                card.Facts.CardId, call.Claimed.Epoch, call.Claimed.Token, DateTimeOffset.FromUnixTimeMilliseconds(card.DueMs), checkedAt,
                error is null ? PollOutcome.Success : failure is null ? PollOutcome.CardError : PollOutcome.CallFailed,
                error is not null ? null : answer!.RealName!.Value ? RealNameStatus.RealNamed : RealNameStatus.NotRealNamed,
                error is { Length: > 32 } ? error[..32] : error, (int)elapsed.TotalMilliseconds);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Call {CallId} of account {Account} with {Cards} cards failed: {Code}, {Reason}")]
    private static partial void LogCallFailed(ILogger logger, string callId, string account, int cards, string code, string reason);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Card {CardId}: {Outcome}")]
    private static partial void LogCard(ILogger logger, long cardId, string outcome);
}

/// <summary>A card that is asked about.</summary>
/// <param name="Facts">Its facts.</param>
/// <param name="DueMs">Its due time, Unix ms.</param>
internal readonly record struct AskedCard(CardFacts Facts, long DueMs);
