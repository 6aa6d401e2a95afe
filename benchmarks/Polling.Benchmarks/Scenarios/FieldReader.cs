using System.Globalization;
using System.Text.Json;

namespace Polling.Benchmarks.Scenarios;

/// <summary>Reads the fields of a JSON object strictly: what is wrong or unknown is noted with its name, its value and what would be right.</summary>
/// <param name="element">The object.</param>
/// <param name="path">How its fields are called in messages: empty, or "fleet.".</param>
/// <param name="problems">Takes what is wrong.</param>
internal sealed class FieldReader(JsonElement element, string path, List<string> problems)
{
    private readonly List<string> _known = [];

    /// <summary>A whole number, or null where the field is null or lacks.</summary>
    public int? Integer(string name, int min, int max) => Find(name) is not { } value ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= min && number <= max ? number
        : Refuse<int>(name, value, $"an integer from {min} to {max}");

    public double? Number(string name, double min, double max) => Find(name) is not { } value ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && number >= min && number <= max ? number
        : Refuse<double>(name, value, string.Create(CultureInfo.InvariantCulture, $"a number from {min} to {max}"));

    public bool? Flag(string name) => Find(name) is not { } value ? null
        : value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : Refuse<bool>(name, value, "true or false");

    /// <summary>A text that passes a rule.</summary>
    public string? Text(string name, string rule, Func<string, bool> isRight)
    {
        if (Find(name) is not { } value)
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.String && isRight(value.GetString()!))
        {
            return value.GetString();
        }

        Refuse<int>(name, value, rule);
        return null;
    }

    /// <summary>An object's fields; one without any where it lacks.</summary>
    public FieldReader Object(string name)
    {
        if (Find(name) is { } value)
        {
            if (value.ValueKind == JsonValueKind.Object)
            {
                return new FieldReader(value, $"{path}{name}.", problems);
            }

            Refuse<int>(name, value, "an object: {\"field\": value}");
        }

        return new FieldReader(JsonSerializer.Deserialize<JsonElement>("{}"), $"{path}{name}.", problems);
    }

    /// <summary>Numbers by name, of some names.</summary>
    public IReadOnlyDictionary<string, double> Numbers(IReadOnlyDictionary<string, double> maxima) => maxima
        .Select(field => (field.Key, Value: Number(field.Key, 0, field.Value))).Where(field => field.Value is not null).ToDictionary(field => field.Key, field => field.Value!.Value);

    /// <summary>Notes a rule between fields that is broken.</summary>
    public void Refuse(string name, string value, string rule) => problems.Add($"{path}{name} is {value}; it must be {rule}");

    /// <summary>Notes fields that nobody asked for.</summary>
    public void End()
    {
        foreach (var field in element.EnumerateObject().Where(field => !_known.Contains(field.Name)))
        {
            problems.Add($"{path}{field.Name} is no field; there are: {string.Join(", ", _known)}");
        }
    }

    private JsonElement? Find(string name)
    {
        _known.Add(name);
        return element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
    }

    private T? Refuse<T>(string name, JsonElement value, string rule)
        where T : struct
    {
        Refuse(name, value.GetRawText(), rule);
        return null;
    }
}
