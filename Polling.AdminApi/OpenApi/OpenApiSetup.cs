using Microsoft.OpenApi;
using Scalar.AspNetCore;

namespace Polling.AdminApi.OpenApi;

/// <summary>The OpenAPI document at <c>/openapi/v1.json</c>, checked in as docs/openapi.json, and the explorer at <c>/scalar</c>; docs/api.md.</summary>
internal static class OpenApiSetup
{
    // The page is the API's own and holds keys: it loads nothing from elsewhere and sends nothing elsewhere.
    private const string ContentSecurityPolicy =
        "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
        + "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static void AddOpenApiDocument(this WebApplicationBuilder builder) => builder.Services.AddOpenApi("v1", options =>
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.AddSchemaTransformer(SchemaDescription.Describe);
        options.AddOperationTransformer(OperationDescription.Describe);
        options.AddDocumentTransformer(DocumentDescription.Describe);
    });

    /// <summary>Both are for anybody; what is asked from the explorer needs a key as everything does.</summary>
    public static void MapOpenApiDocument(this IEndpointRouteBuilder app)
    {
        app.MapOpenApi().AllowAnonymous();
        app.MapScalarApiReference("/scalar", (options, context) =>
        {
            context.Response.Headers.ContentSecurityPolicy = ContentSecurityPolicy;
            options.WithTitle(DocumentDescription.Title).DisableDefaultFonts().DisableTelemetry().DisableAgent().DisableMcp().HideDeveloperTools()
                .HideClientButton().AddPreferredSecuritySchemes(DocumentDescription.SecurityScheme).WithDefaultHttpClient(ScalarTarget.Shell, ScalarClient.Curl);
        }).AllowAnonymous();
    }
}
