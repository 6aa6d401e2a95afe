using System.Text.Json.Serialization.Metadata;
using Polling.Core.Cards;
using Polling.Core.Configuration;
using Polling.Core.Persistence.Results;
using Polling.Executor.Gateway;

namespace Polling.Executor.Checks;

/// <summary>What the checks of all task types have in common: the call, and a result for each card whatever the gateway says.</summary>
internal abstract partial class TaskCheck<TAnswer>(GatewayClient gateway, TimeProvider time, ILogger logger) : ITaskCheck
    where TAnswer : class, IGatewayAnswer
{
    private const int CodeLengthMax = 32;

    public abstract TaskType Type { get; }

    /// <summary>How the gateway's answer is read.</summary>
    protected abstract JsonTypeInfo<GatewayResponse<TAnswer>> Json { get; }

    public async Task<IReadOnlyList<CardResult>> AskAsync(
        OutgoingCall call, GatewayAccount account, IReadOnlyList<AskedCard> cards, CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        Dictionary<string, TAnswer>? answers = null;
        string? failure = null;
        try
        {
            answers = await gateway.AskAsync(call, account, [.. cards.Select(c => c.Facts)], Json, cancellation);
        }
        catch (GatewayException e)
        {
            failure = e.Code;
            LogCallFailed(logger, Type, call.Claimed.Id, account.Code, cards.Count, e.Code, e.Message);
        }

        var durationMs = (int)time.GetElapsedTime(started).TotalMilliseconds;
        var checkedAt = call.Now(time);
        return [.. cards.Select(Result)];

        CardResult Result(AskedCard card)
        {
            var (payload, error) = failure is null ? Read(answers!.GetValueOrDefault(card.Facts.Number), account, checkedAt) : (null, failure);
            LogCard(logger, Type, card.Facts.CardId, error ?? "checked");
            return new CardResult(
                Type, card.Facts.CardId, call.Claimed.AccountId, call.Claimed.Epoch, call.Claimed.Token,
                DateTimeOffset.FromUnixTimeMilliseconds(card.DueMs), checkedAt,
                error is null ? PollOutcome.Success : failure is null ? PollOutcome.CardError : PollOutcome.CallFailed,
                error is { Length: > CodeLengthMax } ? error[..CodeLengthMax] : error, durationMs, payload);
        }
    }

    /// <summary>What an answer with status "0" says: a payload, or the code of what is wrong with it (<see cref="Problem"/>).</summary>
    protected abstract (ResultPayload? Payload, string? Error) ReadValue(TAnswer answer, GatewayAccount account, DateTimeOffset checkedAt);

    private (ResultPayload? Payload, string? Error) Read(TAnswer? answer, GatewayAccount account, DateTimeOffset checkedAt) => answer switch
    {
        null => (null, Problem.NoAnswer),
        { Status: "0" } => ReadValue(answer, account, checkedAt),
        { Status: var status } => (null, status ?? Problem.NoStatus),
    };

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Type} call {CallId} of account {Account} with {Cards} cards failed: {Code}, {Reason}")]
    private static partial void LogCallFailed(ILogger logger, TaskType type, string callId, string account, int cards, string code, string reason);

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Type} of card {CardId}: {Outcome}")]
    private static partial void LogCard(ILogger logger, TaskType type, long cardId, string outcome);
}

/// <summary>Codes of our own for what is wrong with a card's part of an answer.</summary>
internal static class Problem
{
    /// <summary>The card is not in the answer.</summary>
    public const string NoAnswer = "no_answer";

    /// <summary>Its part has no status.</summary>
    public const string NoStatus = "no_status";

    /// <summary>Its part lacks the value that was asked for. That is not 0.</summary>
    public const string NoValue = "no_value";

    /// <summary>The value is none that can be.</summary>
    public const string BadValue = "bad_value";
}
