using Microsoft.AspNetCore.Mvc;
using Microsoft.OpenApi;

namespace Polling.AdminApi.Http;

/// <summary>Describes in the OpenAPI document what an endpoint reads by hand: parameters (<see cref="Parameters"/>) and files.</summary>
internal static class RequestDescription
{
    public static RouteHandlerBuilder WithIntegerQuery(this RouteHandlerBuilder endpoint, string name, string description) =>
        endpoint.WithQuery(name, JsonSchemaType.Integer, description);

    public static RouteHandlerBuilder WithTextQuery(this RouteHandlerBuilder endpoint, string name, string description) =>
        endpoint.WithQuery(name, JsonSchemaType.String, description);

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
    /// <typeparam name="T">Its fields.</typeparam>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="bytesMax">Longer bodies are refused.</param>
    public static RouteHandlerBuilder WithJsonBody<T>(this RouteHandlerBuilder endpoint, int bytesMax = JsonBody.BytesMax) => endpoint
        .WithMetadata(new RequestSizeLimitAttribute(bytesMax))
        .ProducesProblem(StatusCodes.Status400BadRequest)
        .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
        .ProducesProblem(StatusCodes.Status415UnsupportedMediaType)
        .AddOpenApiOperationTransformer(async (operation, context, cancellationToken) => operation.RequestBody = new OpenApiRequestBody
        {
            Required = true,
            Content = new Dictionary<string, OpenApiMediaType>
            {
                ["application/json"] = new()
                {
                    Schema = await context.GetOrCreateSchemaAsync(typeof(T), null, cancellationToken),
                },
            },
        });

    private static RouteHandlerBuilder WithQuery(this RouteHandlerBuilder endpoint, string name, JsonSchemaType type, string description) =>
        endpoint.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            operation.Parameters ??= [];
            operation.Parameters.Add(new OpenApiParameter
            {
                Name = name,
                In = ParameterLocation.Query,
                Description = description,
                Schema = new OpenApiSchema { Type = type },
            });
            return Task.CompletedTask;
        });
}
