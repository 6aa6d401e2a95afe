using System.Diagnostics;

namespace Polling.AdminApi.Http;

/// <summary>What every problem says: the trace by which its request is found in logs and the audit log, and what would be right.</summary>
internal static class ProblemCompletion
{
    public static void Complete(ProblemDetailsContext context)
    {
        var (http, problem) = (context.HttpContext, context.ProblemDetails);

        // The framework writes the whole traceparent, which nobody finds by grep.
        problem.Extensions["trace_id"] = Activity.Current?.TraceId.ToHexString() ?? http.TraceIdentifier;
        problem.Detail ??= problem.Status switch
        {
            StatusCodes.Status404NotFound => $"There is no {Shown(http.Request.Path)} here. /scalar and /openapi/v1.json say what there is.",
            StatusCodes.Status405MethodNotAllowed => $"{Shown(http.Request.Path)} has no {Shown(http.Request.Method)}; it has {http.Response.Headers.Allow}.",
            >= StatusCodes.Status500InternalServerError => "The log has more under this trace_id.",
            _ => null,
        };
    }

    private static string Shown(string? text) => text is { Length: > 100 } ? $"{text[..100]}…" : text ?? "";
}
