using System.Globalization;
using System.Text.Json;

namespace Polling.AdminApi.Tests.OpenApi;

/// <summary>Whether a JSON value is what a schema of the document says; as much of JSON Schema as the document uses.</summary>
internal static class SchemaCheck
{
    /// <returns>What is wrong and where; null = nothing.</returns>
    public static string? Check(ApiDocument document, JsonElement schema, JsonElement value, string path = "$")
    {
        schema = document.Resolve(schema);
        if (schema.TryGetProperty("oneOf", out var options) || schema.TryGetProperty("anyOf", out options))
        {
            var all = options.EnumerateArray().Select(option => Check(document, option, value, path)).ToArray();
            return all.Contains(null) ? null : all[^1];
        }

        if (schema.TryGetProperty("type", out var type) && !TypesOf(type).Any(name => IsOf(name, value)))
        {
            return $"{path} is {Short(value)}, not {type}";
        }

        return value.ValueKind == JsonValueKind.Null ? null
            : schema.TryGetProperty("enum", out var allowed) && !allowed.EnumerateArray().Any(one => JsonElement.DeepEquals(one, value)) ? $"{path} is {Short(value)}, not one of {allowed}"
            : value.ValueKind switch
            {
                JsonValueKind.Number => CheckNumber(schema, value, path),
                JsonValueKind.String => CheckText(schema, value.GetString()!, path),
                JsonValueKind.Array => CheckArray(document, schema, value, path),
                JsonValueKind.Object => CheckObject(document, schema, value, path),
                _ => null,
            };
    }

    private static string[] TypesOf(JsonElement type) =>
        type.ValueKind == JsonValueKind.String ? [type.GetString()!] : [.. type.EnumerateArray().Select(one => one.GetString()!)];

    private static bool IsOf(string type, JsonElement value) => type switch
    {
        "null" => value.ValueKind == JsonValueKind.Null,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        "number" => value.ValueKind == JsonValueKind.Number,
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "array" => value.ValueKind == JsonValueKind.Array,
        _ => value.ValueKind == JsonValueKind.Object,
    };

    private static string? CheckNumber(JsonElement schema, JsonElement value, string path) =>
        schema.TryGetProperty("minimum", out var min) && value.GetDouble() < min.GetDouble() ? $"{path} is {value}, less than {min}"
        : schema.TryGetProperty("maximum", out var max) && value.GetDouble() > max.GetDouble() ? $"{path} is {value}, more than {max}"
        : null;

    private static string? CheckText(JsonElement schema, string text, string path) =>
        schema.TryGetProperty("minLength", out var min) && text.Length < min.GetInt32() ? $"{path} is too short"
        : schema.TryGetProperty("maxLength", out var max) && text.Length > max.GetInt32() ? $"{path} is too long"
        : schema.TryGetProperty("format", out var format) && format.GetString() == "date-time"
            && !DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out _) ? $"{path} is {text}, no time"
        : null;

    private static string? CheckArray(ApiDocument document, JsonElement schema, JsonElement value, string path)
    {
        var count = value.GetArrayLength();
        if ((schema.TryGetProperty("minItems", out var min) && count < min.GetInt32()) || (schema.TryGetProperty("maxItems", out var max) && count > max.GetInt32()))
        {
            return $"{path} has {count} items";
        }

        return schema.TryGetProperty("items", out var items)
            ? value.EnumerateArray().Select((item, index) => Check(document, items, item, $"{path}[{index}]")).FirstOrDefault(wrong => wrong is not null)
            : null;
    }

    private static string? CheckObject(ApiDocument document, JsonElement schema, JsonElement value, string path)
    {
        if (schema.TryGetProperty("required", out var required)
            && required.EnumerateArray().FirstOrDefault(name => !value.TryGetProperty(name.GetString()!, out _)) is { ValueKind: JsonValueKind.String } missing)
        {
            return $"{path} lacks {missing}";
        }

        if (!schema.TryGetProperty("properties", out var fields))
        {
            return schema.TryGetProperty("additionalProperties", out var items) && items.ValueKind == JsonValueKind.Object
                ? value.EnumerateObject().Select(field => Check(document, items, field.Value, $"{path}.{field.Name}")).FirstOrDefault(wrong => wrong is not null)
                : null;
        }

        return value.EnumerateObject().Select(field => fields.TryGetProperty(field.Name, out var known)
            ? Check(document, known, field.Value, $"{path}.{field.Name}")
            : $"{path}.{field.Name} is not in the document").FirstOrDefault(wrong => wrong is not null);
    }

    private static string Short(JsonElement value) => value.GetRawText() is var text && text.Length > 60 ? $"{text[..60]}…" : value.GetRawText();
}
