using System.Text.Json;

namespace Polling.Executor.Gateway;

/// <summary>Reads fields of answers that may hold anything.</summary>
internal static class JsonFields
{
    /// <summary>The field, or null when it is missing or null, or this is no object.</summary>
    public static JsonElement? Field(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var field) && field.ValueKind != JsonValueKind.Null ? field : null;

    /// <summary>A text, trimmed, or a number as it is written; null when it is missing, blank or something else.</summary>
    public static string? Text(this JsonElement element, string name) => element.Field(name) switch
    {
        { ValueKind: JsonValueKind.String } text => text.GetString()!.Trim() is { Length: > 0 } trimmed ? trimmed : null,
        { ValueKind: JsonValueKind.Number } number => number.GetRawText(),
        _ => null,
    };

    /// <summary>Whether a text of blanks, or an empty one, stands there.</summary>
    public static bool IsBlank(this JsonElement element, string name) =>
        element.Field(name) is { ValueKind: JsonValueKind.String } text && string.IsNullOrWhiteSpace(text.GetString());

    /// <summary>True, false, or null when it is neither.</summary>
    public static bool? Flag(this JsonElement element, string name) => element.Field(name) switch
    {
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        _ => null,
    };

    /// <summary>A number, see <see cref="GatewayAmount"/>.</summary>
    public static GatewayAmount Amount(this JsonElement element, string name) => GatewayAmount.Of(element.Field(name));

    /// <summary>What is in an array; nothing when it is missing or none.</summary>
    public static IEnumerable<JsonElement> Items(this JsonElement element, string name) =>
        element.Field(name) is { ValueKind: JsonValueKind.Array } array ? array.EnumerateArray() : [];
}
