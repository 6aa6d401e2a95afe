namespace Polling.Core.Cards.Import;

/// <summary>A foreign value, short and clean enough for an error message.</summary>
internal static class Excerpt
{
    public const int LengthMax = 100;

    /// <summary>The beginning of the text, with what is not printable shown as U+FFFD.</summary>
    public static string Of(string text)
    {
        var shown = text.Length <= LengthMax ? text : string.Concat(text.AsSpan(0, LengthMax), "…");
        return string.Create(shown.Length, shown, static (span, source) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = char.IsControl(source[i]) || char.IsSurrogate(source[i]) ? '\uFFFD' : source[i];
            }
        });
    }

    public static string Of(ReadOnlySpan<byte> bytes) =>
        Of(System.Text.Encoding.UTF8.GetString(bytes[..Math.Min(bytes.Length, 4 * LengthMax)]));
}
