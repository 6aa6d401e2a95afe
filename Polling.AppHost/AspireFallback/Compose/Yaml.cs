using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Polling.AppHost.AspireFallback.Compose;

/// <summary>Writes maps and lists of texts, numbers and booleans as YAML. What is empty is left out.</summary>
internal static class Yaml
{
    // A double-quoted scalar of YAML may be any string of JSON.
    private static readonly JsonSerializerOptions Quoted = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Write(OrderedDictionary<string, object?> map)
    {
        var text = new StringBuilder();
        Write(text, map, 0);
        return text.ToString();
    }

    private static void Write(StringBuilder text, OrderedDictionary<string, object?> map, int depth)
    {
        foreach (var (key, value) in map)
        {
            if (IsEmpty(value))
            {
                continue;
            }

            Line(text, depth, $"{key}:");
            if (value is OrderedDictionary<string, object?> inner)
            {
                text.Append('\n');
                Write(text, inner, depth + 1);
            }
            else if (value is IEnumerable<string> list)
            {
                text.Append('\n');
                foreach (var item in list)
                {
                    Line(text, depth + 1, $"- {Scalar(item)}\n");
                }
            }
            else
            {
                text.Append(' ').Append(Scalar(value!)).Append('\n');
            }
        }
    }

    private static bool IsEmpty(object? value) => value switch
    {
        null => true,
        string => false,
        OrderedDictionary<string, object?> map => map.Values.All(IsEmpty),
        IEnumerable<string> list => !list.Any(),
        _ => false,
    };

    private static void Line(StringBuilder text, int depth, string line) => text.Append(' ', 2 * depth).Append(line);

    private static string Scalar(object value) => value switch
    {
        string text => JsonSerializer.Serialize(text, Quoted),
        bool flag => flag ? "true" : "false",
        int number => number.ToString(CultureInfo.InvariantCulture),
        _ => throw new ArgumentException($"a {value.GetType().Name} cannot be written", nameof(value)),
    };
}
