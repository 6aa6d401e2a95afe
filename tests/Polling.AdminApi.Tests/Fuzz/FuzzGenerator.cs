using System.Text;
using System.Text.Json;
using Polling.AdminApi.Tests.OpenApi;

namespace Polling.AdminApi.Tests.Fuzz;

/// <summary>Makes requests from the OpenAPI document: right ones, and ones that are wrong in one way each. The same seed makes the same ones.</summary>
internal sealed class FuzzGenerator
{
    private const int Huge = 10 * 1024 * 1024;
    private readonly ApiDocument _document;
    private readonly Random _random;
    private readonly FuzzValues _values;
    private readonly (int Weight, Func<ApiOperation, FuzzRequest?> Make)[] _kinds;

    public FuzzGenerator(ApiDocument document, int seed)
    {
        (_document, _random) = (document, new Random(seed));
        _values = new FuzzValues(document, _random);
        _kinds =
        [
            (300, operation => Right(operation)), (150, WrongField), (60, OddText), (40, Missing), (30, Null), (40, Twice), (20, Unknown), (80, Path), (120, Query), (30, QueryTwice),
            (40, BadUtf8), (60, Broken), (20, Deep), (40, Content), (40, Method), (15, Slow), (10, Header), (4, Big), (30, Bodies),
        ];
    }

    public FuzzRequest Next()
    {
        var at = _random.Next(_kinds.Sum(kind => kind.Weight));
        var make = _kinds.First(kind => (at -= kind.Weight) < 0).Make;
        while (true)
        {
            // Not every operation can be wrong in every way.
            if (make(_values.Pick(_document.Operations)) is { } request)
            {
                return request;
            }
        }
    }

    /// <summary>What the document calls right.</summary>
    /// <param name="operation">Of this operation.</param>
    /// <param name="id">For what has this id; null = one that may exist.</param>
    public FuzzRequest Right(ApiOperation operation, string? id = null) => new(operation, "right")
    {
        Target = Target(operation, id: id),
        Body = operation.BodyTypes.Count == 0 || (!operation.IsBodyRequired && _random.Next(2) == 0) ? null
            : operation.Fields.Count == 0 ? Csv() : Json(Object(operation)),
        ContentType = operation.Fields.Count == 0 ? "text/csv" : "application/json",
    };

    private FuzzRequest? WrongField(ApiOperation operation) => operation.Fields.Count == 0 || _values.Pick(operation.Fields) is not { } field || _values.Wrong(field) is not { } wrong
        ? null
        : WithBody(operation, "wrong field", Json([.. Object(operation).Where(f => f.Name != field.Name), (field.Name, wrong)]), Expectation.Refused);

    private FuzzRequest? OddText(ApiOperation operation)
    {
        var texts = operation.Fields.Where(field => SchemaCheck.Check(_document, field.Schema, JsonElement.Parse("\"xxxxx\"")) is null).ToArray();
        if (texts.Length == 0)
        {
            return null;
        }

        var name = _values.Pick(texts).Name;
        return WithBody(operation, "odd text", Json([.. Object(operation).Where(field => field.Name != name), (name, _values.Odd())]));
    }

    private FuzzRequest? Missing(ApiOperation operation)
    {
        var required = operation.Fields.Where(field => field.IsRequired).ToArray();
        return required.Length == 0 || _values.Pick(required).Name is not { } missing ? null
            : WithBody(operation, "missing field", Json([.. Object(operation).Where(field => field.Name != missing)]), Expectation.Refused);
    }

    private FuzzRequest? Null(ApiOperation operation) => operation.Fields.Count == 0 || _values.Pick(operation.Fields) is not { } field ? null
        : WithBody(
            operation, "null", Json([.. Object(operation).Where(f => f.Name != field.Name), (field.Name, "null")]),
            SchemaCheck.Check(_document, field.Schema, JsonElement.Parse("null")) is null ? Expectation.Documented : Expectation.Refused);

    private FuzzRequest? Twice(ApiOperation operation) => operation.Fields.Count == 0 || _values.Pick(operation.Fields) is not { } field ? null
        : WithBody(operation, "field twice", Json([.. Object(operation), (field.Name, _values.Right(field)), (field.Name, _values.Right(field))]), Expectation.Refused);

    private FuzzRequest? Unknown(ApiOperation operation) => operation.Fields.Count == 0 ? null
        : WithBody(operation, "unknown field", Json([.. Object(operation), (_values.Pick(["colour", "\\u0000", "Name", "__proto__", "长"]), "1")]), Expectation.Refused);

    private FuzzRequest? Path(ApiOperation operation) => !operation.Path.Contains('{', StringComparison.Ordinal) ? null
        : Right(operation) with
        {
            Kind = "path",
            Target = Target(operation, all: _random.Next(20) == 0 ? new string('9', 5000) : _values.Pick(FuzzTexts.Ids)),
            Expectation = Expectation.Outside,
        };

    private FuzzRequest? Query(ApiOperation operation)
    {
        var parameters = operation.Parameters.Where(parameter => !parameter.IsRequired).ToArray();
        if (parameters.Length == 0)
        {
            return null;
        }

        var parameter = _values.Pick(parameters);
        var value = _random.Next(12) == 0 ? new string('1', 3000) : _values.Pick(FuzzTexts.Queries);

        // What is a number by the document and none by the query cannot be right.
        var isRefused = parameter.Schema.TryGetProperty("minimum", out var min) && parameter.Schema.TryGetProperty("maximum", out var max)
            && !(long.TryParse(value, System.Globalization.CultureInfo.InvariantCulture, out var number) && number >= min.GetInt64() && number <= max.GetInt64());
        return Right(operation) with
        {
            Kind = "query",
            Target = $"{Target(operation).Split('?')[0]}?{parameter.Name}={value}",
            Expectation = isRefused ? Expectation.Refused : Expectation.Documented,
        };
    }

    private FuzzRequest? QueryTwice(ApiOperation operation)
    {
        var parameters = operation.Parameters.Where(parameter => !parameter.IsRequired).ToArray();
        return parameters.Length == 0 || _values.Pick(parameters).Name is not { } name ? null
            : Right(operation) with { Kind = "query twice", Target = $"{Target(operation).Split('?')[0]}?{name}=1&{name}=1", Expectation = Expectation.Refused };
    }

    private FuzzRequest? BadUtf8(ApiOperation operation)
    {
        if (operation.BodyTypes.Count == 0)
        {
            return null;
        }

        var body = Right(operation).Body ?? Json(Object(operation));
        var at = _random.Next(1, Math.Max(2, body.Length - 1));
        byte[] bad = _values.Pick<byte[]>([[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xE4, 0xB8], [0xF5, 0x80, 0x80, 0x80], [0xEF, 0xBB, 0xBF], [0x00], [0xFF, 0xFE]]);
        return WithBody(operation, "bad UTF-8", [.. body[..Math.Min(at, body.Length)], .. bad, .. body[Math.Min(at, body.Length)..]]);
    }

    private FuzzRequest? Broken(ApiOperation operation)
    {
        if (operation.Fields.Count == 0)
        {
            return null;
        }

        var body = Encoding.UTF8.GetString(Json(Object(operation)));
        return WithBody(
            operation, "no JSON object",
            Encoding.UTF8.GetBytes(_values.Pick(
            [
                "", " ", "{", "}", "[]", "null", "1", "\"x\"", "NaN", "{\"a\":NaN}", "{'a':1}", "{\"a\":01}", "{\"a\":1,}", "//x\n{}", body[..^1], body + body, $"[{body}]",
                body.Contains(':', StringComparison.Ordinal) ? body.Replace(':', ' ') : "{\"a\" 1}", "{\"a\":\"\\x\"}", "{\"a\":\"\u0001\"}", "\uFEFF{", "{\"a\":tru}", "{\"a\":+1}", "{\"a\":1e}",
            ])),
            Expectation.Refused);
    }

    private FuzzRequest? Deep(ApiOperation operation)
    {
        if (operation.Fields.Count == 0)
        {
            return null;
        }

        var depth = _values.Pick([65, 1000, 20_000]);
        var (open, close) = _values.Pick([("[", "]"), ("{\"a\":", "}")]);
        var value = string.Concat(Enumerable.Repeat(open, depth)) + (open == "[" ? "" : "1") + (_random.Next(2) == 0 ? string.Concat(Enumerable.Repeat(close, depth)) : "");
        return WithBody(operation, "deep", Json([(_values.Pick(operation.Fields).Name, value)]), Expectation.Refused);
    }

    private FuzzRequest? Content(ApiOperation operation) => operation.BodyTypes.Count == 0 ? null
        : Right(operation) with
        {
            Kind = "content type",
            Body = operation.Fields.Count == 0 ? Csv() : Json(Object(operation)),
            ContentType = _values.Pick(FuzzTexts.ContentTypes),
        };

    private FuzzRequest Method(ApiOperation operation) => Right(operation) with
    {
        Kind = "method",
        Method = _values.Pick(["PATCH", "DELETE", "PUT", "POST", "OPTIONS", "TRACE", "HEAD", "FOO", "LINK", "get"]),
        Expectation = Expectation.Outside,
    };

    private FuzzRequest? Slow(ApiOperation operation) => operation.BodyTypes.Count == 0 ? null
        : WithBody(operation, "slow body", Right(operation).Body ?? Json(Object(operation))) with { IsSlow = true, CutAt = _values.Pick([0.3, 0.7, 1.0]) };

    private FuzzRequest Header(ApiOperation operation) => Right(operation) with
    {
        Kind = "header",
        Header = _values.Pick(FuzzTexts.Headers),
        Expectation = Expectation.Outside,
    };

    private FuzzRequest Big(ApiOperation operation)
    {
        var body = new byte[Huge];
        Array.Fill(body, (byte)_values.Pick([' ', '[', 'x', 0]));
        "{\"name\":\""u8.CopyTo(body);
        return WithBody(operation, "10 MB", body, operation.BodyTypes.Count == 0 ? Expectation.Documented : Expectation.Refused) with { AsksFirst = _random.Next(2) == 0 };
    }

    private FuzzRequest? Bodies(ApiOperation operation) => operation.BodyTypes.Count > 0 ? null
        : Right(operation) with { Kind = "body of none", Body = [.. "{\"card_id\": 1, "u8, 0xFF], ContentType = "application/json" };

    private FuzzRequest WithBody(ApiOperation operation, string kind, byte[] body, Expectation expectation = Expectation.Documented) => new(operation, kind)
    {
        Target = Target(operation),
        Body = body,
        ContentType = operation.Fields.Count == 0 ? "text/csv" : "application/json",
        Expectation = expectation,
    };

    // all: the text of every parameter; id: that of the id.
    private string Target(ApiOperation operation, string? all = null, string? id = null)
    {
        var path = operation.Path;
        var query = new List<string>();
        foreach (var parameter in operation.Parameters)
        {
            var text = all ?? (parameter.Name == "id"
                ? id ?? $"{_random.Next(1, operation.Method == "DELETE" ? 60 : 12)}" : Uri.EscapeDataString(_values.Right(parameter).Trim('"')));
            if (path.Contains($"{{{parameter.Name}}}", StringComparison.Ordinal))
            {
                path = path.Replace($"{{{parameter.Name}}}", text, StringComparison.Ordinal);
            }
            else if (parameter.IsRequired || (all is null && _random.Next(4) == 0))
            {
                query.Add($"{parameter.Name}={text}");
            }
        }

        return query.Count == 0 ? path : $"{path}?{string.Join('&', query)}";
    }

    private List<(string Name, string Value)> Object(ApiOperation operation) =>
        [.. operation.Fields.Where(field => field.IsRequired || _random.Next(3) == 0).Select(field => (field.Name, _values.Right(field)))];

    private byte[] Csv()
    {
        var csv = new StringBuilder("iccid,carrier,account,package_id\r\n");
        for (var row = _random.Next(5); row >= 0; row--)
        {
            csv.Append(_values.Pick(["8986049900000000", "\"", "", "长", "'", "898604990000000\0"])).Append(_random.Next(1000, 9999)).Append(_values.Pick([",CMCC,CMCC-demo,1", ",CUCC,CUCC-demo,", ",x,y,z,,,", ""])).Append('\n');
        }

        return Encoding.UTF8.GetBytes(csv.ToString());
    }

    private static byte[] Json(IReadOnlyList<(string Name, string Value)> fields) =>
        Encoding.UTF8.GetBytes($"{{{string.Join(", ", fields.Select(field => $"\"{field.Name}\": {field.Value}"))}}}");
}
