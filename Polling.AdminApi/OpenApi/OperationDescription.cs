using System.Text;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Polling.AdminApi.Access;
using Polling.Core.Access;
using Polling.Core.Configuration;

namespace Polling.AdminApi.OpenApi;

/// <summary>What all operations have: an id, the answers that access and the stores give, and the parameters in their paths.</summary>
internal static class OperationDescription
{
    private const string ProblemType = "application/problem+json";

    public static async Task Describe(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var (method, path) = (context.Description.HttpMethod ?? HttpMethods.Get, context.Description.RelativePath ?? "");
        var scope = ScopeHandler.Needed(context.Description.ActionDescriptor.EndpointMetadata.OfType<ScopeMetadata>().LastOrDefault(), method);
        operation.OperationId = IdOf(method, path);
        operation.Responses ??= [];
        var problem = await context.GetOrCreateSchemaAsync(typeof(ProblemDetails), null, cancellationToken);
        context.Document!.AddComponent(nameof(ProblemDetails), problem);
        Answer(StatusCodes.Status401Unauthorized, "No API key, or one that is unknown, revoked or expired");
        Answer(StatusCodes.Status403Forbidden, $"The API key lacks the scope {scope.Name()}");
        Answer(StatusCodes.Status429TooManyRequests, "Too many requests of this caller; Retry-After says when to come again, in seconds");
        Answer(StatusCodes.Status503ServiceUnavailable, "Redis or PostgreSQL does not answer, or lacks what is asked for; try again later");
        foreach (var parameter in operation.Parameters?.OfType<OpenApiParameter>().Where(parameter => parameter.In == ParameterLocation.Path) ?? [])
        {
            DescribePath(parameter, path);
        }

        void Answer(int status, string description) => operation.Responses[$"{status}"] = new OpenApiResponse
        {
            Description = description,
            Content = new Dictionary<string, OpenApiMediaType>
            {
                [ProblemType] = new() { Schema = new OpenApiSchemaReference(nameof(ProblemDetails), context.Document) },
            },
        };
    }

    // Paths are read by hand, so that a wrong one is answered like other wrong parameters.
    private static void DescribePath(OpenApiParameter parameter, string path)
    {
        if (parameter.Name == "task_type")
        {
            parameter.Description = "Task type";
            parameter.Schema = new OpenApiSchema { Type = JsonSchemaType.String, Enum = [.. TaskTypes.Names.Split(", ")] };
        }
        else if (path.StartsWith(ManualTriggers.TriggerEndpoints.Path[1..], StringComparison.Ordinal))
        {
            parameter.Description = "The trigger_id that a trigger was answered with";
        }
        else
        {
            parameter.Description = "Id";
            parameter.Schema = new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int64", Minimum = "1" };
        }
    }

    // api/admin/polling-configs/{id} and GET: get_polling_configs_id.
    private static string IdOf(string method, string path)
    {
        var id = new StringBuilder(method.ToLowerInvariant());
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries).Except(["api", "admin"]))
        {
            id.Append('_').Append(part.Trim('{', '}').Replace('-', '_'));
        }

        return id.ToString();
    }
}
