using Polling.Core.Cards;
using Polling.Core.Configuration;
using Polling.Core.Persistence.Results;
using Polling.Core.Queue.Facts;
using Polling.Core.Queue.Quotas;
using Polling.Executor.Dialects;
using Polling.Executor.Gateway;

namespace Polling.Executor.Checks;

/// <summary>What the checks of all task types have in common: the call, and a result for each card whatever the gateway says.</summary>
/// <remarks>
/// A call with more cards than the dialect can name in one request is split into several, one after the other within the call's time, each charged. What did not
/// fit in, or came after an error that stops them all, is asked again soon.
/// </remarks>
internal abstract partial class TaskCheck<T>(DialectRegistry dialects, TimeProvider time, ILogger logger) : ITaskCheck
{
    private const int CodeLengthMax = 32;

    public abstract TaskType Type { get; }

    public async Task<IReadOnlyList<CardResult>> AskAsync(
        OutgoingCall call, GatewayAccount account, IReadOnlyList<AskedCard> cards, CancellationToken cancellation)
    {
        var dialect = dialects.Of(account);
        var results = new List<CardResult>(cards.Count);
        var stopped = false;
        foreach (var part in cards.Chunk(dialect.CardsPerCallMax))
        {
            var started = time.GetTimestamp();
            IReadOnlyList<CardReading<T>>? readings = null;
            var failure = Problem.NotSent;
            try
            {
                readings = stopped ? null : await ReadPartAsync(call, account, dialect, part, isFirst: results.Count == 0, cancellation);
                stopped |= readings is null;
            }
            catch (GatewayException e)
            {
                failure = e.Code;
                stopped = e.Outcome is GatewayOutcome.BackOffAccount or GatewayOutcome.Reauthenticate or GatewayOutcome.Refused;
                LogCallFailed(logger, Type, call.Claimed.Id, account.Code, part.Length, e.Code, e.Message);
            }

            var durationMs = (int)time.GetElapsedTime(started).TotalMilliseconds;
            var checkedAt = call.Now(time);
            results.AddRange(part.Select((card, i) => Result(call, card, readings?[i], failure, durationMs, checkedAt)));
        }

        return results;
    }

    /// <summary>Asks about as many cards as the dialect can name in one request; a reading for each, in their order.</summary>
    protected abstract Task<IReadOnlyList<CardReading<T>>> ReadAsync(
        IDialect dialect, CarrierCall call, GatewayAccount account, IReadOnlyList<CardFacts> cards, CancellationToken cancellation);

    /// <summary>What a reading says: a payload, or the code of what is wrong with it (<see cref="Problem"/>).</summary>
    protected abstract (ResultPayload? Payload, string? Error) ToPayload(T reading, DateTimeOffset checkedAt);

    // Null: it was not sent. What the account refuses before anything was sent is the caller's to return.
    private async Task<IReadOnlyList<CardReading<T>>?> ReadPartAsync(
        OutgoingCall call, GatewayAccount account, IDialect dialect, AskedCard[] part, bool isFirst, CancellationToken cancellation)
    {
        CardFacts[] cards = [.. part.Select(card => card.Facts)];
        while (isFirst || call.TimeLeft(time) > TimeSpan.Zero)
        {
            try
            {
                return await ReadAsync(dialect, call, account, cards, cancellation);
            }
            catch (QuotaRefusedException e) when (!isFirst)
            {
                if (e.Decision.Refusal is not (QuotaRefusal.Rate or QuotaRefusal.InFlight) || e.Decision.RetryAfter >= call.TimeLeft(time))
                {
                    return null;
                }

                await Task.Delay(e.Decision.RetryAfter, time, cancellation);
            }
            catch (Exception e) when (!isFirst && e is LeaseTooShortException or GrantTooOldException)
            {
                return null;
            }
        }

        return null;
    }

    private CardResult Result(OutgoingCall call, AskedCard card, CardReading<T>? reading, string failure, int durationMs, DateTimeOffset checkedAt)
    {
        var (payload, error) = reading is not { } read ? (null, failure) : read.Error is { } wrong ? (null, wrong) : read.Value is { } value ? ToPayload(value, checkedAt) : (null, null);
        LogCard(logger, Type, card.Facts.CardId, error ?? "checked");
        return new CardResult(
            Type, card.Facts.CardId, call.Claimed.AccountId, call.Claimed.Epoch, call.Claimed.Token,
            DateTimeOffset.FromUnixTimeMilliseconds(card.DueMs), checkedAt,
            error is null ? PollOutcome.Success : reading is null ? PollOutcome.CallFailed : PollOutcome.CardError,
            error is { Length: > CodeLengthMax } ? error[..CodeLengthMax] : error, durationMs, payload);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Type} call {CallId} of account {Account} with {Cards} cards failed: {Code}, {Reason}")]
    private static partial void LogCallFailed(ILogger logger, TaskType type, string callId, string account, int cards, string code, string reason);

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Type} of card {CardId}: {Outcome}")]
    private static partial void LogCard(ILogger logger, TaskType type, long cardId, string outcome);
}
