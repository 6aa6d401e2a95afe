using Microsoft.AspNetCore.Http.HttpResults;
using Polling.AdminApi.Http;
using Polling.Core.Packages;

namespace Polling.AdminApi.Packages;

/// <summary>What packages and pools have in common: pages, and what may be wrong.</summary>
internal static class PackagePages
{
    public const int SizeDefault = 20;
    public const int SizeMax = 1000;
    public const int PageMax = 5000;

    public static (int Page, int Size) Read(Parameters parameters) =>
        (parameters.Number("page", 1, PageMax) ?? 1, parameters.Number("page_size", 1, SizeMax) ?? SizeDefault);

    public static string? Code(Parameters parameters) =>
        parameters.Text("code", text => text.Length <= Package.CodeLengthMax && !text.Any(char.IsControl) ? text : null,
        $"the whole code, 1 to {Package.CodeLengthMax} characters without control characters");

    public static ProblemHttpResult NotFound(string what, long id) => TypedResults.Problem(
        statusCode: StatusCodes.Status404NotFound, title: $"No such {what}", detail: $"There is no {what} with the id {id}.");

    public static ProblemHttpResult Taken(string what, string code) => TypedResults.Problem(
        statusCode: StatusCodes.Status409Conflict, title: "The code is taken", detail: $"There is a {what} with the code {code} already.",
        extensions: new Dictionary<string, object?> { ["errors"] = new[] { new ParameterError("code", code, $"one that no other {what} has") } });

    public static ProblemHttpResult InUse(string what, string reason) => TypedResults.Problem(
        statusCode: StatusCodes.Status409Conflict, title: $"The {what} is in use", detail: reason);
}
