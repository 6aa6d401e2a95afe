using Polling.Core.Queue.Quotas;
using Polling.Executor.Checks;
using Polling.Executor.Gateway;

namespace Polling.Executor.Dialects;

/// <summary>What a dialect's error codes mean: which are about a card, and what follows from the others. See docs/carriers.md.</summary>
/// <param name="unknownCards">Further codes for a card that the carrier does not know.</param>
/// <param name="refusals">Further codes for a call that is refused as such.</param>
internal sealed class ErrorTable(string[]? unknownCards = null, string[]? refusals = null)
{
    public const string Ok = "0";
    private const string Parameters = "11000";
    private const string Credentials = "12004";
    private const string NotYourCard = "12009";
    private const string UnknownCardOrPool = "12010";
    private const string TokenExpired = "12021";
    private const string WrongState = "12089";
    private const string ReasonForbids = "12098";
    private const string PackageExpired = "12099";
    private const string PackageUsedUp = "12100";
    private const string OverQuota = "40000029";
    private const int CodeLengthMax = 32;

    // 12010 has two meanings, and only its message tells them apart.
    private static readonly string[] PoolWords = ["pool", "流量池", "共享池"];
    private static readonly string[] OfCards = [NotYourCard, UnknownCardOrPool, WrongState, ReasonForbids, PackageExpired, PackageUsedUp];

    /// <summary>An answer's status as a whole.</summary>
    /// <param name="code">The code; null: there was none.</param>
    /// <param name="message">Its words.</param>
    /// <param name="isOfOneCard">The answer is about one card, so that an error may be that card's.</param>
    /// <returns>Null: OK. Else the code of what is wrong with the one card.</returns>
    /// <exception cref="GatewayException">It says nothing about the cards.</exception>
    public string? Check(string? code, string? message, bool isOfOneCard) =>
        code == Ok ? null : isOfOneCard && IsOfCard(code) ? CardCode(code!, message) : throw Failure(code, message);

    /// <summary>The code that is kept for a card: the carrier's, unless one of ours says more.</summary>
    public string CardCode(string code, string? message) => code switch
    {
        UnknownCardOrPool when PoolWords.Any(word => message?.Contains(word, StringComparison.OrdinalIgnoreCase) ?? false) => Problem.PoolExhausted,
        UnknownCardOrPool => Problem.CardUnknown,
        _ when unknownCards?.Contains(code) ?? false => Problem.CardUnknown,
        _ => code,
    };

    /// <summary>What became of a change of a card for which the carrier answered with <paramref name="cardCode"/>, see <see cref="CardCode"/>.</summary>
    public static ChangeReading Change(string? cardCode) => cardCode switch
    {
        null => new ChangeReading(ChangeState.Done),
        WrongState => new ChangeReading(ChangeState.WrongState, Code: cardCode),
        Problem.PoolExhausted => new ChangeReading(ChangeState.Failed, Code: cardCode),
        _ => new ChangeReading(ChangeState.Refused, Code: cardCode),
    };

    /// <summary>A call that failed as a whole.</summary>
    public GatewayException Failure(string? code, string? message)
    {
        var (outcome, result) = code switch
        {
            OverQuota => (GatewayOutcome.BackOffAccount, AttemptResult.Throttled),

            // Nothing is wrong with the carrier: all that is in flight when a token ends must not open the account's circuit.
            TokenExpired => (GatewayOutcome.Reauthenticate, AttemptResult.Ok),
            Parameters or Credentials => (GatewayOutcome.Refused, AttemptResult.Refused),
            _ when IsOfCard(code) || (refusals?.Contains(code) ?? false) => (GatewayOutcome.Refused, AttemptResult.Refused),
            _ => (GatewayOutcome.RetryLater, AttemptResult.Refused),
        };
        return new GatewayException(
            code is null ? Problem.NoStatus : code.Length <= CodeLengthMax ? code : code[..CodeLengthMax], $"The gateway refused the call: status '{code}', {message}.")
        {
            Outcome = outcome,
            Result = result,
        };
    }

    private bool IsOfCard(string? code) => OfCards.Contains(code) || (unknownCards?.Contains(code) ?? false);
}
