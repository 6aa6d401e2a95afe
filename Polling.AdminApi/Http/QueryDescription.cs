using Microsoft.OpenApi;

namespace Polling.AdminApi.Http;

/// <summary>Describes query parameters that an endpoint reads by hand (<see cref="Parameters"/>) in the OpenAPI document.</summary>
internal static class QueryDescription
{
    public static RouteHandlerBuilder WithIntegerQuery(this RouteHandlerBuilder endpoint, string name, string description) =>
        endpoint.WithQuery(name, JsonSchemaType.Integer, description);

    public static RouteHandlerBuilder WithTextQuery(this RouteHandlerBuilder endpoint, string name, string description) =>
        endpoint.WithQuery(name, JsonSchemaType.String, description);

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
