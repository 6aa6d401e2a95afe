using System.Diagnostics.CodeAnalysis;

namespace Polling.Core.Cards;

/// <summary>A card's number as printed on it: 19 or 20 characters, 0–9 and (on Chinese IoT cards) A–F, in upper case.</summary>
public readonly record struct Iccid
{
    public const int LengthMin = 19;
    public const int LengthMax = 20;

    /// <summary>What a value must look like, for error messages.</summary>
    public const string Rule = "19 or 20 characters, each 0-9 or A-F";

    private Iccid(string value) => Value = value;

    public string Value { get; }

    /// <summary>
    /// Whether the last digit is the right check digit (Luhn, ITU-T E.118); null when a letter makes that meaningless. Carriers hand
    /// out cards that fail, so this is worth a warning, not a refusal.
    /// </summary>
    public bool? HasValidCheckDigit => Value.AsSpan().ContainsAnyExceptInRange('0', '9') ? null : Luhn.IsValid(Value);

    /// <summary>Takes the value as typed: blanks around it are dropped, a–f become upper case.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Iccid iccid)
    {
        var trimmed = text.AsSpan().Trim();
        iccid = default;
        if (trimmed.Length is < LengthMin or > LengthMax)
        {
            return false;
        }

        foreach (var c in trimmed)
        {
            if (!char.IsAsciiHexDigit(c))
            {
                return false;
            }
        }

        iccid = new Iccid(trimmed.ToString().ToUpperInvariant());
        return true;
    }

    /// <summary>The value, or an error that gives it and the rule.</summary>
    /// <exception cref="FormatException">The text is not an ICCID.</exception>
    public static Iccid Parse(string text) =>
        TryParse(text, out var iccid) ? iccid : throw new FormatException($"iccid \"{text}\" is not {Rule}");

    public override string ToString() => Value;
}
