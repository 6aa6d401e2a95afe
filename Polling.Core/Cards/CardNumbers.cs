namespace Polling.Core.Cards;

/// <summary>Rules for a card's other two numbers; both are optional.</summary>
public static class CardNumbers
{
    /// <summary>What an msisdn must look like: E.164 allows 15 digits, machine numbers of some countries have more.</summary>
    public const string MsisdnRule = "5 to 20 digits, optionally after +";

    /// <summary>What an imsi must look like (ITU-T E.212: at most 15 digits; 14 and 15 are in use).</summary>
    public const string ImsiRule = "14 or 15 digits";

    /// <summary>The msisdn without a leading +, or null when it breaks <see cref="MsisdnRule"/>.</summary>
    public static string? Msisdn(string text)
    {
        var digits = text.AsSpan().Trim();
        digits = digits.StartsWith("+") ? digits[1..] : digits;
        return digits.Length is >= 5 and <= 20 && !digits.ContainsAnyExceptInRange('0', '9') ? digits.ToString() : null;
    }

    /// <summary>The imsi, or null when it breaks <see cref="ImsiRule"/>.</summary>
    public static string? Imsi(string text)
    {
        var digits = text.AsSpan().Trim();
        return digits.Length is 14 or 15 && !digits.ContainsAnyExceptInRange('0', '9') ? digits.ToString() : null;
    }
}
