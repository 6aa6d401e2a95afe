using Polling.MockGateway.Cards;

namespace Polling.MockGateway.Calls;

/// <summary>The status codes of real carriers, as they stand in the body.</summary>
internal static class CarrierStatus
{
    public const string Ok = "0";
    public const string Parameters = "11000";
    public const string Credentials = "12004";
    public const string NotYourCard = "12009";
    public const string UnknownCardOrPool = "12010";
    public const string TokenExpired = "12021";
    public const string WrongState = "12089";
    public const string ReasonForbids = "12098";
    public const string PackageExpired = "12099";
    public const string PackageUsedUp = "12100";
    public const string Other = "19010";
    public const string OverQuota = "40000029";

    /// <summary>What carriers say with a code.</summary>
    public static string MessageOf(string code) => code switch
    {
        Ok => "正确",
        Parameters => "an iccid has 19 or 20 characters of 0-9 and A-F",
        Credentials => "wrong app id, secret or signature",
        NotYourCard => "the card belongs to another account",
        UnknownCardOrPool => "unknown card",
        TokenExpired => "the token has expired",
        WrongState => "the card's state does not allow it",
        ReasonForbids => "the reason that it was stopped for forbids resuming",
        PackageExpired => "the package has expired",
        PackageUsedUp => "the package is used up",
        OverQuota => "too many calls",
        _ => "other error",
    };
}

/// <summary>What a call says about one card.</summary>
internal enum CardOutcome : byte
{
    /// <summary>The call failed as a whole, or the caller had gone.</summary>
    NoAnswer,
    NotRealNamed,
    RealNamed,

    /// <summary>The card's usage.</summary>
    Usage,

    /// <summary>Something else was told, or done.</summary>
    Told,

    /// <summary>An error of the card.</summary>
    Refused,
}

/// <summary>A card in a call, and what was said about it.</summary>
/// <param name="Card">The card.</param>
/// <param name="Outcome">What was said.</param>
/// <param name="Value">Its usage in bytes, as a reader of the answer has it, when that was told; the error's code when it was refused.</param>
internal readonly record struct CardAnswer(CardId Card, CardOutcome Outcome, long Value = 0)
{
    /// <summary>Of a usage figure: the first day of its cycle.</summary>
    public DateOnly Cycle { get; init; }

    public static CardAnswer Refused(CardId card, string code) =>
        new(card, CardOutcome.Refused, long.Parse(code, System.Globalization.CultureInfo.InvariantCulture));
}
