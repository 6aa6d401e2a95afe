using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Polling.AdminApi.OpenApi;

/// <summary>What the document says of the API as a whole. It is the same wherever it is asked for, so that it can be compared.</summary>
internal static class DocumentDescription
{
    public const string SecurityScheme = "api_key";
    public const string Title = "Polling admin API";

    public static Task Describe(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new OpenApiInfo
        {
            Title = Title,
            Version = "v1",
            Description = "Steers the polling system. Fields are in snake_case, times in ISO 8601 with their offset, errors are problem details (RFC 9457). See docs/api.md.",
        };

        // Relative to where the document was got from.
        document.Servers = [];
        document.AddComponent<IOpenApiSecurityScheme>(SecurityScheme, new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            Description = "An API key with the scope read (GET), operate or admin. In development, requests of the machine itself to localhost need none.",
        });
        document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(SecurityScheme, document)] = [] }];
        foreach (var operation in document.Paths.SelectMany(path => path.Value.Operations?.Values.AsEnumerable() ?? []))
        {
            Sort(operation);
        }

        return Task.CompletedTask;
    }

    private static void Sort(OpenApiOperation operation)
    {
        var responses = new OpenApiResponses();
        foreach (var (status, response) in (operation.Responses ?? []).OrderBy(response => response.Key, StringComparer.Ordinal))
        {
            responses.Add(status, response);
        }

        operation.Responses = responses;
    }
}
