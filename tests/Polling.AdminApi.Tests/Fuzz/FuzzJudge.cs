using System.Globalization;
using System.Text;
using System.Text.Json;
using Polling.AdminApi.Tests.OpenApi;

namespace Polling.AdminApi.Tests.Fuzz;

/// <summary>Whether an answer is one that may be given to a request.</summary>
internal static class FuzzJudge
{
    private static readonly int[] OfTheServer = [414, 431];

    /// <returns>What is wrong with the answer; null = nothing.</returns>
    public static string? Judge(ApiDocument document, FuzzRequest request, int status, HttpResponseMessage response, byte[] body)
    {
        if (status >= 500)
        {
            return "an error of the server";
        }

        if (status < 400)
        {
            return request.Expectation == Expectation.Refused ? "was taken, though the document forbids it" : JudgeAnswer(document, request, status, body);
        }

        // The server refuses what is no request (a first line or headers too long, %00 in a path) before the API sees it.
        if (body.Length == 0 && (OfTheServer.Contains(status) || (status == 400 && response.Headers.ConnectionClose == true) || request.Method is "HEAD"))
        {
            return null;
        }

        if (response.Content.Headers.ContentType?.MediaType != "application/problem+json")
        {
            return $"a refusal of type {response.Content.Headers.ContentType}";
        }

        var problem = JsonElement.Parse(body);
        return !Has("title") || !Has("trace_id") || !(Has("detail") || problem.TryGetProperty("errors", out _)) ? "a problem that lacks title, detail or trace_id"
            : problem.GetProperty("status").GetInt32() != status ? "a problem of another status"
            : request.Expectation != Expectation.Outside && !request.Operation.Answers.ContainsKey(Text(status)) ? "a status that the document does not have"
            : null;

        bool Has(string name) => problem.TryGetProperty(name, out var text) && text.GetString() is { Length: > 0 };
    }

    private static string? JudgeAnswer(ApiDocument document, FuzzRequest request, int status, byte[] body) =>
        request.Expectation == Expectation.Outside ? null
        : !request.Operation.Answers.TryGetValue(Text(status), out var schema) ? "a status that the document does not have"
        : schema is { } known ? SchemaCheck.Check(document, known, JsonElement.Parse(body))
        : body.Length == 0 ? null : $"a body, though the document has none: {Encoding.UTF8.GetString(body)}";

    private static string Text(int status) => status.ToString(CultureInfo.InvariantCulture);
}
