using System.Text.RegularExpressions;

namespace Polling.ServiceDefaults.Logs;

/// <summary>
/// Hides subscriber numbers: values of properties named after msisdn or imsi keep their first 3 and last 4 digits
/// (<c>138****5678</c>), whether the value is one number or a list of them.
/// </summary>
internal static partial class SubscriberMask
{
    private const int KeptFront = 3;
    private const int KeptBack = 4;

    private static readonly string[] Names = ["msisdn", "imsi"];

    /// <summary>Whether a property of this name holds subscriber numbers: <c>Msisdn</c>, <c>card_imsi</c>, <c>msisdns</c>.</summary>
    public static bool Applies(string propertyName)
    {
        foreach (var name in Names)
        {
            if (propertyName.StartsWith(name, StringComparison.OrdinalIgnoreCase)
                || propertyName.EndsWith(name, StringComparison.OrdinalIgnoreCase)
                || propertyName.EndsWith(name + "s", StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Masks every run of digits in <paramref name="value"/>; one of 7 digits or fewer is hidden whole.</summary>
    public static string Mask(string value) => Digits().Replace(value, static match =>
        match.Length <= KeptFront + KeptBack
            ? new string('*', match.Length)
            : string.Concat(match.ValueSpan[..KeptFront], new string('*', match.Length - KeptFront - KeptBack), match.ValueSpan[^KeptBack..]));

    [GeneratedRegex("[0-9]+", RegexOptions.CultureInvariant)]
    private static partial Regex Digits();
}
