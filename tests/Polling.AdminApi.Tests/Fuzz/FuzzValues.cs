using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Polling.AdminApi.Tests.OpenApi;

namespace Polling.AdminApi.Tests.Fuzz;

/// <summary>Values for fields and parameters, right and wrong by their schemas; as JSON texts.</summary>
internal sealed class FuzzValues(ApiDocument document, Random random)
{
    // What no schema says; without it most right requests would be refused.
    private static readonly Dictionary<string, string[]> Hints = new()
    {
        ["time_zone"] = ["\"Asia/Shanghai\"", "\"America/New_York\""],
        ["base_url"] = ["\"http://127.0.0.1:9/x\""],
        ["app_id"] = ["\"200123\"", "\"app-~!\""],
        ["suspensions_percent_max"] = ["0.5", "100"],
        ["webhook_url"] = ["\"http://127.0.0.1:9/hook\""],
        ["webhook_secret"] = ["\"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\""],
        ["notify_channels"] = ["[\"webhook\"]", "[]"],
        ["maintenance_windows"] = ["[\"02:00-03:30\"]", "[]"],
        ["schedule"] = ["\"0 3 * * *\"", "\"*/5 1 1 * 1\""],
        ["iccid"] = ["\"8986\"", "\"F\""],
        ["msisdn"] = ["\"13800000000\""],
        ["rule_type"] = ["\"quarantine\"", "\"success_rate\"", "\"init_stalled\""],
        ["expires_at"] = ["\"2099-01-01T00:00:00+08:00\""],
    };

    private static readonly string[] Numbers =
    [
        "-1", "0", "1.5", "-0.0001", "1e3", "1E400", "-1e400", "2147483648", "-2147483649", "9223372036854775807", "9223372036854775808", "-9223372036854775809",
        "99999999999999999999999999999999999999", "0.1e-400", "1e-999999999", "true", "null", "\"5\"", "\"NaN\"", "\"１２\"", "[]", "[1]", "{}", "\"\"",
    ];

    private static readonly string[] OddTexts =
    [
        "\"\\u0000\"", "\"a\\u0000b\"", "\"\\ud800\"", "\"\\udfff\\ud800\"", "\"\\u202egnp.exe\"", "\"\\ufeff\"", "\"\\uffff\"", "\"１２３\"", "\"٣٤\"", "\"\\n\\r\\t\"",
        "\"'; DROP TABLE tb_card; --\"", "\"{0} {Name} %s\"", "\"<script>alert(1)</script>\"", "\"  padded  \"", "\"\\u00a0\"", "\"👩‍👩‍👧‍👦\"", "\"e\\u0301\"", "\"../../etc/passwd\"",
        "\"http://[::1]:99999/\"", "\"0 0 30 2 *\"", "\"2026-13-45T99:99:99+99:99\"", "\"9999-12-31T23:59:59-14:00\"", "\"0001-01-01T00:00:00+14:00\"", "\"25:00-26:00\"",
        "\"whsec_!!!\"", "\"Asia/Nowhere\"", "\"Asia/../../etc\"",
    ];

    public string Right(ApiField field) => Right(field.Name, field.Schema);

    private string Right(string name, JsonElement schema)
    {
        schema = document.Resolve(schema);
        var isNullable = SchemaCheck.Check(document, schema, JsonElement.Parse("null")) is null;
        return isNullable && random.Next(8) == 0 ? "null"
            : schema.TryGetProperty("enum", out var allowed) ? Pick(allowed.EnumerateArray().ToArray()).GetRawText()
            : Hints.TryGetValue(name, out var hints) ? Pick(hints)
            : Is(schema, "integer") ? Whole(name, schema)
            : Is(schema, "number") ? Pick(["0", "0.5", "95", "-1e-7", "1e15"])
            : Is(schema, "boolean") ? Pick(["true", "false"])
            : Is(schema, "array") ? $"[{string.Join(',', Enumerable.Range(0, random.Next(1, 4)).Select(_ => Right(name.TrimEnd('s'), schema.GetProperty("items"))))}]"
            : name == "trigger_id" ? $"\"{random.Next(1, 9)}\""
            : Text(random.Next(1, schema.TryGetProperty("maxLength", out var max) ? max.GetInt32() + 1 : 20));
    }

    /// <summary>A value that the schema does not allow; null = none comes to mind.</summary>
    public string? Wrong(ApiField field)
    {
        List<string> all = [.. Numbers, "false", "\"x\"", "{\"a\":1}", "[[]]", "[null]", "[1.5]", "[\"x\",\"x\"]"];
        if (field.Schema.TryGetProperty("minimum", out var min))
        {
            all.Add(((decimal)min.GetDouble() - 1).ToString(CultureInfo.InvariantCulture));
        }

        if (field.Schema.TryGetProperty("maximum", out var max))
        {
            all.AddRange(Enumerable.Repeat(((decimal)max.GetDouble() + 1).ToString(CultureInfo.InvariantCulture), 5));
        }

        if (field.Schema.TryGetProperty("maxLength", out var length))
        {
            all.AddRange(Enumerable.Repeat($"\"{new string('x', length.GetInt32() + 1)}\"", 5));
        }

        if (field.Schema.TryGetProperty("maxItems", out var items))
        {
            all.Add($"[{string.Join(',', Enumerable.Range(1, items.GetInt32() + 1))}]");
        }

        var wrong = all.Where(value => SchemaCheck.Check(document, field.Schema, JsonElement.Parse(value)) is not null).ToArray();
        return wrong.Length == 0 ? null : Pick(wrong);
    }

    /// <summary>A text that is allowed by its length, perhaps, and by nothing else.</summary>
    public string Odd() => random.Next(6) switch
    {
        0 => Text(random.Next(90, 101)),
        1 => $"\"{new string('长', 5000)}\"",
        _ => Pick(OddTexts),
    };

    public T Pick<T>(IReadOnlyList<T> all) => all[random.Next(all.Count)];

    private static bool Is(JsonElement schema, string type) => schema.TryGetProperty("type", out var types) && types.GetRawText().Contains($"\"{type}\"", StringComparison.Ordinal);

    private string Whole(string name, JsonElement schema)
    {
        var min = schema.TryGetProperty("minimum", out var least) ? (long)least.GetDouble() : 0;
        var max = schema.TryGetProperty("maximum", out var most) ? (long)most.GetDouble() : int.MaxValue;
        return (random.Next(8), name.EndsWith("_id", StringComparison.Ordinal)) switch
        {
            (0, _) => $"{min}",
            (1, _) => $"{max}",
            (_, true) => $"{random.Next(1, 6)}",
            _ => $"{random.NextInt64(min, Math.Min(max, min + 500) + 1)}",
        };
    }

    private string Text(int length)
    {
        const string Letters = "abcXYZ0129 -_.中文轮询é\"\\<>&";
        return JsonSerializer.Serialize(new string(random.GetItems<char>(Letters, length)).Trim() is { Length: > 0 } text ? text : "x", Plain);
    }

    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
