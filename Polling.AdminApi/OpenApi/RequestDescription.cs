using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Mvc;
using Microsoft.OpenApi;
using Polling.AdminApi.Http;
using Polling.Core.Configuration;

namespace Polling.AdminApi.OpenApi;

/// <summary>Describes in the OpenAPI document what an endpoint reads by hand: parameters (<see cref="Parameters"/>), JSON bodies and files.</summary>
internal static class RequestDescription
{
    public static RouteHandlerBuilder WithIntegerQuery(
        this RouteHandlerBuilder endpoint, string name, string description, long min = 1, long max = int.MaxValue, int? byDefault = null,
        bool isRequired = false) =>
        endpoint.WithQuery(
            name, description,
            () => new OpenApiSchema
            {
                Type = JsonSchemaType.Integer,
                Format = max > int.MaxValue ? "int64" : "int32",
                Minimum = min.ToString(CultureInfo.InvariantCulture),
                Maximum = max.ToString(CultureInfo.InvariantCulture),
                Default = byDefault is { } number ? JsonValue.Create(number) : null,
            },
            isRequired);

    public static RouteHandlerBuilder WithTextQuery(this RouteHandlerBuilder endpoint, string name, string description, params string[] values) =>
        endpoint.WithQuery(name, description, () => new OpenApiSchema
        {
            Type = JsonSchemaType.String,
            Enum = values.Length == 0 ? null : [.. values],
        });

    public static RouteHandlerBuilder WithTimeQuery(this RouteHandlerBuilder endpoint, string name, string description) =>
        endpoint.WithQuery(name, description, () => new OpenApiSchema { Type = JsonSchemaType.String, Format = "date-time" });

    public static RouteHandlerBuilder WithTaskTypeQuery(this RouteHandlerBuilder endpoint) =>
        endpoint.WithTextQuery("task_type", "of this task type only", TaskTypes.Names.Split(", "));

    /// <summary>Reading by page.</summary>
    public static RouteHandlerBuilder WithPages(this RouteHandlerBuilder endpoint, int pageMax, int sizeMax, int size = 20) => endpoint
        .WithIntegerQuery("page", "which page", 1, pageMax, 1)
        .WithIntegerQuery("page_size", "items of a page", 1, sizeMax, size);

    /// <summary>A body that is a file. (Accepts would describe it too, but refuse other types with a 415 that doesn't say what to send.)</summary>
    public static RouteHandlerBuilder WithFileBody(this RouteHandlerBuilder endpoint, params string[] types) =>
        endpoint.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            var file = new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary" };
            var form = new OpenApiSchema { Type = JsonSchemaType.Object, Properties = new Dictionary<string, IOpenApiSchema> { ["file"] = file } };
            operation.RequestBody = new OpenApiRequestBody
            {
                Required = true,
                Content = types.ToDictionary(
                    type => type,
                    type => new OpenApiMediaType { Schema = type.StartsWith("multipart/", StringComparison.Ordinal) ? form : file }),
            };
            return Task.CompletedTask;
        });

    /// <summary>A JSON object that the endpoint reads with <see cref="JsonBody"/>, and the answers to a wrong one.</summary>
    /// <typeparam name="T">Its fields. Those that are not nullable must be sent; those whose description says what null means may be null.</typeparam>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="bytesMax">Longer bodies are refused.</param>
    /// <param name="isRequired">Whether there must be a body.</param>
    /// <param name="required">Fields that must be sent though they are nullable, because another endpoint takes them as changes.</param>
    public static RouteHandlerBuilder WithJsonBody<T>(
        this RouteHandlerBuilder endpoint, int bytesMax = JsonBody.BytesMax, bool isRequired = true, params string[] required) => endpoint
        .WithMetadata(new RequestSizeLimitAttribute(bytesMax))
        .ProducesProblem(StatusCodes.Status400BadRequest)
        .ProducesProblem(StatusCodes.Status408RequestTimeout)
        .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
        .ProducesProblem(StatusCodes.Status415UnsupportedMediaType)
        .AddOpenApiOperationTransformer(async (operation, context, cancellationToken) =>
        {
            if (context.Document!.Components?.Schemas?.ContainsKey(typeof(T).Name) != true)
            {
                context.Document.AddComponent(typeof(T).Name, AsRequest(await context.GetOrCreateSchemaAsync(typeof(T), null, cancellationToken)));
            }

            var fields = new OpenApiSchemaReference(typeof(T).Name, context.Document);
            operation.RequestBody = new OpenApiRequestBody
            {
                Required = isRequired,
                Description = string.Create(CultureInfo.InvariantCulture, $"At most {bytesMax} bytes; unknown and repeated fields are refused."),
                Content = new Dictionary<string, OpenApiMediaType>
                {
                    ["application/json"] = new()
                    {
                        Schema = required.Length == 0 ? fields : new OpenApiSchema
                        {
                            AllOf = [fields, new OpenApiSchema { Required = new SortedSet<string>(required, StringComparer.Ordinal) }],
                        },
                    },
                },
            };
        });

    // A record's schema is made for answers, where every field is there and a nullable one may be null.
    private static OpenApiSchema AsRequest(OpenApiSchema schema)
    {
        schema.Required = null;
        foreach (var (name, field) in schema.Properties?.Select(field => (field.Key, Value: field.Value as OpenApiSchema)) ?? [])
        {
            if (field?.Type?.HasFlag(JsonSchemaType.Null) == true)
            {
                field.Type = field.Description?.Contains("null", StringComparison.OrdinalIgnoreCase) == true ? field.Type : field.Type & ~JsonSchemaType.Null;
            }
            else
            {
                (schema.Required ??= new SortedSet<string>(StringComparer.Ordinal)).Add(name);
            }
        }

        return schema;
    }

    private static RouteHandlerBuilder WithQuery(this RouteHandlerBuilder endpoint, string name, string description, Func<OpenApiSchema> schema, bool isRequired = false) =>
        endpoint.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            operation.Parameters ??= [];
            operation.Parameters.Add(new OpenApiParameter { Name = name, In = ParameterLocation.Query, Description = description, Required = isRequired, Schema = schema() });
            return Task.CompletedTask;
        });
}
