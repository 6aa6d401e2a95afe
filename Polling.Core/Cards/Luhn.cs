namespace Polling.Core.Cards;

/// <summary>The check digit of ISO/IEC 7812-1, annex B ("modulus 10, double-add-double").</summary>
public static class Luhn
{
    /// <summary>Whether the last of the digits is the check digit of those before it.</summary>
    /// <exception cref="FormatException">A character is not 0–9.</exception>
    public static bool IsValid(ReadOnlySpan<char> digits) => digits.Length > 1 && CheckDigit(digits[..^1]) == digits[^1];

    /// <summary>The digit ('0'–'9') that makes <paramref name="payload"/> valid when put behind it.</summary>
    /// <exception cref="FormatException">A character is not 0–9.</exception>
    public static char CheckDigit(ReadOnlySpan<char> payload)
    {
        var sum = 0;
        var twice = true;
        for (var i = payload.Length - 1; i >= 0; i--, twice = !twice)
        {
            if (!char.IsAsciiDigit(payload[i]))
            {
                throw new FormatException($"'{payload[i]}' is not a digit");
            }

            var digit = payload[i] - '0';
            sum += !twice ? digit : digit < 5 ? digit * 2 : (digit * 2) - 9;
        }

        return (char)('0' + ((10 - (sum % 10)) % 10));
    }
}
