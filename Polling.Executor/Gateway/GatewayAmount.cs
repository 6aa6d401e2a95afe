using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Polling.Executor.Gateway;

/// <summary>
/// A number as carriers send it: a JSON number, or a text with one. Missing, null or a text of blanks is "no value" and never 0. What is no
/// whole number from 0 on is bad; it spoils this card's answer, not those of the whole call.
/// </summary>
/// <param name="Value">The number; null: none.</param>
/// <param name="IsBad">Something else stood there.</param>
[JsonConverter(typeof(GatewayAmountConverter))]
internal readonly record struct GatewayAmount(long? Value, bool IsBad)
{
    public const long BytesPerKb = 1024;

    // More overflows when it is multiplied; no card uses so much.
    public const long Max = long.MaxValue / BytesPerKb;
}

internal sealed class GatewayAmountConverter : JsonConverter<GatewayAmount>
{
    private static readonly GatewayAmount Bad = new(null, IsBad: true);

    public override bool HandleNull => true;

    public override GatewayAmount Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.Null:
                return default;
            case JsonTokenType.Number:
                return reader.TryGetInt64(out var number) && number is >= 0 and <= GatewayAmount.Max ? new GatewayAmount(number, IsBad: false) : Bad;
            case JsonTokenType.String:
                return OfText(reader.GetString());
            default:
                reader.Skip();
                return Bad;
        }
    }

    public override void Write(Utf8JsonWriter writer, GatewayAmount value, JsonSerializerOptions options) =>
        throw new NotSupportedException("Amounts are only read.");

    private static GatewayAmount OfText(string? text) =>
        string.IsNullOrWhiteSpace(text) ? default
        : long.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= GatewayAmount.Max ? new GatewayAmount(number, IsBad: false)
        : Bad;
}
