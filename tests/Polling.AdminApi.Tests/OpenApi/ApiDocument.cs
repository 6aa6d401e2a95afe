using System.Text.Json;

namespace Polling.AdminApi.Tests.OpenApi;

/// <summary>A field of a body, or a parameter.</summary>
internal sealed record ApiField(string Name, string Description, JsonElement Schema, bool IsRequired);

/// <summary>An operation as the OpenAPI document describes it.</summary>
internal sealed record ApiOperation(string Method, string Path, JsonElement Json, ApiDocument Document)
{
    public string Summary => Json.TryGetProperty("summary", out var text) ? text.GetString()! : "";

    public IReadOnlyList<ApiField> Parameters { get; } = ParametersOf(Json);

    /// <summary>Types of content that the body may have; none = it takes no body.</summary>
    public IReadOnlyList<string> BodyTypes { get; } = Json.TryGetProperty("requestBody", out var body)
        ? [.. body.GetProperty("content").EnumerateObject().Select(type => type.Name)] : [];

    public bool IsBodyRequired => Json.GetProperty("requestBody").TryGetProperty("required", out var required) && required.GetBoolean();

    /// <summary>The fields of a JSON body.</summary>
    public IReadOnlyList<ApiField> Fields { get; } = FieldsOf(Json, Document);

    /// <summary>The schema of each answer's body, by status; null = it has none.</summary>
    public IReadOnlyDictionary<string, JsonElement?> Answers { get; } = Json.GetProperty("responses").EnumerateObject().ToDictionary(
        answer => answer.Name, answer => Content(answer.Value)?.Value.GetProperty("schema") as JsonElement?);

    public string? TypeOf(string status) => Content(Json.GetProperty("responses").GetProperty(status))?.Name;

    public override string ToString() => $"{Method} {Path}";

    private static JsonProperty? Content(JsonElement part) =>
        part.TryGetProperty("content", out var content) ? content.EnumerateObject().First() : null;

    private static IReadOnlyList<ApiField> ParametersOf(JsonElement operation) => operation.TryGetProperty("parameters", out var all)
        ?
        [
            .. all.EnumerateArray().Select(parameter => new ApiField(
                parameter.Text("name")!, parameter.TryGetProperty("description", out var text) ? text.GetString()! : "", parameter.GetProperty("schema"),
                parameter.TryGetProperty("required", out var required) && required.GetBoolean())),
        ]
        : [];

    private static IReadOnlyList<ApiField> FieldsOf(JsonElement operation, ApiDocument document)
    {
        if (!operation.TryGetProperty("requestBody", out var body) || !body.GetProperty("content").TryGetProperty("application/json", out var json))
        {
            return [];
        }

        var schema = json.GetProperty("schema");
        JsonElement[] parts = schema.TryGetProperty("allOf", out var all) ? [.. all.EnumerateArray().Select(document.Resolve)] : [document.Resolve(schema)];
        var required = parts.SelectMany(part => part.TryGetProperty("required", out var names) ? names.EnumerateArray().Select(name => name.GetString()) : []).ToHashSet();
        return
        [
            .. parts.SelectMany(part => part.TryGetProperty("properties", out var fields) ? fields.EnumerateObject() : default)
                .Select(field => new ApiField(field.Name, "", document.Resolve(field.Value), required.Contains(field.Name))),
        ];
    }
}

/// <summary>The OpenAPI document of the API.</summary>
internal sealed class ApiDocument
{
    public const string Path = "/openapi/v1.json";
    private const string Schemas = "#/components/schemas/";

    public ApiDocument(JsonElement root)
    {
        Root = root;
        Operations =
        [
            .. root.GetProperty("paths").EnumerateObject().SelectMany(
                path => path.Value.EnumerateObject().Select(method => new ApiOperation(method.Name.ToUpperInvariant(), path.Name, method.Value, this))),
        ];
    }

    public JsonElement Root { get; }

    public IReadOnlyList<ApiOperation> Operations { get; }

    /// <summary>The schema that a reference leads to.</summary>
    public JsonElement Resolve(JsonElement schema) => schema.TryGetProperty("$ref", out var reference)
        ? Root.GetProperty("components").GetProperty("schemas").GetProperty(reference.GetString()![Schemas.Length..])
        : schema;
}
