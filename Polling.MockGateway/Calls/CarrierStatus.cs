using Polling.MockGateway.Cards;

namespace Polling.MockGateway.Calls;

/// <summary>The status codes of real carriers, as they stand in the body.</summary>
internal static class CarrierStatus
{
    public const string Ok = "0";
    public const string Parameters = "11000";
    public const string NotYourCard = "12009";
    public const string Other = "19010";
    public const string OverQuota = "40000029";
}

/// <summary>What a call says about one card.</summary>
internal enum CardOutcome : byte
{
    /// <summary>The call failed as a whole, or the caller had gone.</summary>
    NoAnswer,
    NotRealNamed,
    RealNamed,
    NotYourCard,
    NotAnIccid,

    /// <summary>The card's usage.</summary>
    Usage,
}

/// <summary>A card in a call, and what was said about it.</summary>
/// <param name="Card">The card.</param>
/// <param name="Outcome">What was said.</param>
/// <param name="UsedKb">Its usage, when that was told.</param>
internal readonly record struct CardAnswer(CardId Card, CardOutcome Outcome, long UsedKb = 0);
