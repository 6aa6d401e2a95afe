using System.Numerics;
using System.Text.Json;

namespace Polling.AdminApi.Http;

/// <summary>
/// A request's JSON object, read field by field: a field that is not sent changes nothing, and what is wrong is collected in
/// <see cref="Parameters"/> with its value, so that one answer names every mistake.
/// </summary>
internal sealed class JsonBody
{
    /// <summary>Longer bodies are refused, unless the endpoint says otherwise; the longest right one has a few hundred bytes.</summary>
    public const int BytesMax = 64 * 1024;

    private readonly Dictionary<string, JsonElement> _fields;
    private readonly Parameters _parameters;

    private JsonBody(Dictionary<string, JsonElement> fields, Parameters parameters) => (_fields, _parameters) = (fields, parameters);

    /// <summary>Reads the body.</summary>
    /// <param name="request">The request.</param>
    /// <param name="parameters">Takes what is wrong.</param>
    /// <param name="readOnly">Fields that an answer has and a request may repeat; they are ignored.</param>
    /// <param name="known">Fields that a request may have.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="BadHttpRequestException">It is no JSON object.</exception>
    public static async Task<JsonBody> ReadAsync(
        HttpRequest request, Parameters parameters, IReadOnlyCollection<string> readOnly, IReadOnlyCollection<string> known,
        CancellationToken cancellationToken)
    {
        if (!request.HasJsonContentType())
        {
            throw new BadHttpRequestException("Content-Type must be application/json.", StatusCodes.Status415UnsupportedMediaType);
        }

        var fields = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var (name, value) in await ReadObjectAsync(request, cancellationToken))
        {
            if (known.Contains(name))
            {
                fields[name] = value;
            }
            else if (!readOnly.Contains(name))
            {
                parameters.Refuse(Shown(name), Shown(value), known.Count == 0 ? "left out" : $"one of the fields {string.Join(", ", known)}");
            }
        }

        return new JsonBody(fields, parameters);
    }

    public bool Has(string name) => _fields.ContainsKey(name);

    /// <summary>Whether any of the fields was sent.</summary>
    public bool HasAny(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (Has(name))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Refuses the request when the field is not there.</summary>
    public void Require(string name, string rule)
    {
        if (!Has(name))
        {
            _parameters.Refuse(name, "", rule);
        }
    }

    /// <summary>Gives a whole number within bounds to <paramref name="take"/>; does nothing when the field is not there, or wrong.</summary>
    public void Number<T>(string name, T min, T max, Action<T> take)
        where T : struct, IBinaryInteger<T>
    {
        if (_fields.TryGetValue(name, out var value))
        {
            Take(name, value, min, max, "", take);
        }
    }

    /// <summary>As <see cref="Number{T}"/>; the JSON value null is right, too.</summary>
    public void NumberOrNull<T>(string name, T min, T max, Action<T?> take)
        where T : struct, IBinaryInteger<T>
    {
        if (!_fields.TryGetValue(name, out var value))
        {
            return;
        }

        if (value.ValueKind == JsonValueKind.Null)
        {
            take(null);
        }
        else
        {
            Take(name, value, min, max, ", or null", number => take(number));
        }
    }

    /// <summary>Gives a number, fractions too, from -<paramref name="max"/> to <paramref name="max"/>.</summary>
    public void Decimal(string name, double max, string rule, Action<double> take)
    {
        if (!_fields.TryGetValue(name, out var value))
        {
            return;
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && Math.Abs(number) <= max)
        {
            take(number);
        }
        else
        {
            _parameters.Refuse(name, Shown(value), rule);
        }
    }

    /// <summary>Gives a number, fractions too, to <paramref name="accept"/>, which says whether it is right, or null.</summary>
    public void DecimalOrNull(string name, string rule, Func<double?, bool> accept)
    {
        if (_fields.TryGetValue(name, out var value)
            && !(value.ValueKind == JsonValueKind.Null ? accept(null) : value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && accept(number)))
        {
            _parameters.Refuse(name, Shown(value), rule);
        }
    }

    /// <summary>Gives true or false.</summary>
    public void Flag(string name, Action<bool> take)
    {
        if (!_fields.TryGetValue(name, out var value))
        {
            return;
        }

        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            take(value.GetBoolean());
        }
        else
        {
            _parameters.Refuse(name, Shown(value), "true or false");
        }
    }

    /// <summary>As <see cref="Text"/>; the JSON value null is given, too.</summary>
    public void TextOrNull(string name, string rule, Func<string?, bool> accept)
    {
        if (_fields.TryGetValue(name, out var value)
            && !(value.ValueKind == JsonValueKind.Null ? accept(null) : TextOf(value) is { } text && accept(text)))
        {
            _parameters.Refuse(name, Shown(value), rule);
        }
    }

    /// <summary>Gives a text that no answer may repeat, or null.</summary>
    public void SecretOrNull(string name, Action<string?> take)
    {
        if (!_fields.TryGetValue(name, out var value))
        {
            return;
        }

        if (value.ValueKind == JsonValueKind.Null)
        {
            take(null);
        }
        else if (TextOf(value) is { } text)
        {
            take(text);
        }
        else
        {
            _parameters.Refuse(name, "(not shown)", "a text without control characters, or null");
        }
    }

    /// <summary>Gives a text to <paramref name="accept"/>, which says whether it is right.</summary>
    public void Text(string name, string rule, Func<string, bool> accept)
    {
        if (_fields.TryGetValue(name, out var value) && !(TextOf(value) is { } text && accept(text)))
        {
            _parameters.Refuse(name, Shown(value), rule);
        }
    }

    /// <summary>Gives a list of texts, at most <paramref name="countMax"/>.</summary>
    public void Texts(string name, int countMax, Action<IReadOnlyList<string>> take)
    {
        if (!_fields.TryGetValue(name, out var value))
        {
            return;
        }

        if (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() <= countMax
            && value.EnumerateArray().Select(TextOf).ToArray() is var texts && !texts.Contains(null))
        {
            take(texts!);
        }
        else
        {
            _parameters.Refuse(name, Shown(value), $"an array of at most {countMax} texts");
        }
    }

    /// <summary>Gives a list of different whole numbers, 1 to <paramref name="countMax"/> of them.</summary>
    public void Numbers(string name, long min, long max, int countMax, Action<IReadOnlyList<long>> take)
    {
        if (!_fields.TryGetValue(name, out var value))
        {
            return;
        }

        var numbers = new HashSet<long>();
        if (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() is > 0 and var count && count <= countMax)
        {
            foreach (var item in value.EnumerateArray())
            {
                Take<long>($"{name}[]", item, min, max, "", number => numbers.Add(number));
            }

            take([.. numbers]);
        }
        else
        {
            _parameters.Refuse(name, Shown(value), $"an array of 1 to {countMax} integers");
        }
    }

    private void Take<T>(string name, JsonElement value, T min, T max, string orElse, Action<T> take)
        where T : struct, IBinaryInteger<T>
    {
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number)
            && number >= long.CreateChecked(min) && number <= long.CreateChecked(max))
        {
            take(T.CreateChecked(number));
        }
        else
        {
            _parameters.Refuse(name, Shown(value), $"an integer from {min} to {max}{orElse}");
        }
    }

    private static async Task<List<KeyValuePair<string, JsonElement>>> ReadObjectAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        try
        {
            var options = new JsonDocumentOptions { AllowDuplicateProperties = false };
            using var document = await JsonDocument.ParseAsync(request.Body, options, cancellationToken);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? [.. document.RootElement.EnumerateObject().Select(field => KeyValuePair.Create(field.Name, field.Value.Clone()))]
                : throw new JsonException($"the body is {Shown(document.RootElement)}, must be a JSON object");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // A name that is no UTF-8 is found only when it is read.
            var json = e as JsonException ?? new JsonException("the body is not UTF-8");
            throw new BadHttpRequestException("The body is no JSON object.", StatusCodes.Status400BadRequest, json);
        }
    }

    // Null when it is no text, or one that PostgreSQL does not keep.
    private static string? TextOf(JsonElement value)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String && value.GetString() is { } text && !text.Any(char.IsControl) ? text : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static string Shown(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => TextOf(value) ?? "(not a text)",
        JsonValueKind.Object => "{…}",
        JsonValueKind.Array => "[…]",
        _ => Shown(value.GetRawText()),
    };

    private static string Shown(string text) => text.Length <= 100 ? text : text[..100];
}
