using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Polling.AdminApi.Tests.OpenApi;

/// <summary>The OpenAPI document is the one that is checked in, says what callers must know, and has an explorer.</summary>
public sealed class OpenApiDocumentTests(ApiProcess api)
{
    private const string Update = "UPDATE_OPENAPI";
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly string[] OfAccess = ["401", "403", "429", "503"];

    [Fact]
    public async Task The_document_is_the_one_that_is_checked_in()
    {
        var (status, document) = await api.GetAsync(ApiDocument.Path);
        Assert.Equal(200, status);
        var text = JsonSerializer.Serialize(document, Readable) + "\n";
        var file = CheckedIn();
        if (Environment.GetEnvironmentVariable(Update) is { Length: > 0 })
        {
            await File.WriteAllTextAsync(file, text, TestContext.Current.CancellationToken);
        }

        var kept = File.Exists(file) ? await File.ReadAllLinesAsync(file, TestContext.Current.CancellationToken) : [];
        var now = text.TrimEnd('\n').Split('\n');
        var line = kept.Zip(now).TakeWhile(pair => pair.First == pair.Second).Count();
        Assert.True(
            kept.SequenceEqual(now),
            $"docs/openapi.json is not the API's document, from line {line + 1} on: \"{kept.ElementAtOrDefault(line)}\" is \"{now.ElementAtOrDefault(line)}\" now. "
            + $"This writes it anew:\n  {Update}=1 dotnet test tests/Polling.AdminApi.Tests --filter {nameof(OpenApiDocumentTests)}");
    }

    [Fact]
    public async Task Every_operation_says_what_it_does_takes_and_answers()
    {
        var document = new ApiDocument((await api.GetAsync(ApiDocument.Path)).Body);
        Assert.StartsWith("3.1", document.Root.GetProperty("openapi").GetString(), StringComparison.Ordinal);
        Assert.Equal("bearer", document.Root.GetProperty("components").GetProperty("securitySchemes").GetProperty("api_key").Text("scheme"));
        Assert.NotEmpty(document.Root.GetProperty("security").EnumerateArray());
        foreach (var operation in document.Operations)
        {
            Assert.True(operation.Summary.Length > 5, $"{operation} has no summary");
            Assert.True(OfAccess.All(operation.Answers.ContainsKey), $"{operation} lacks an answer of access or stores");
            Assert.True(operation.Path.Contains('{') ? operation.Answers.ContainsKey("404") || operation.Answers.ContainsKey("400") : true, $"{operation} knows no unknown id");
            Assert.All(operation.Parameters, parameter =>
            {
                Assert.Matches("^[a-z_0-9]+$", parameter.Name);
                Assert.True(parameter.Description.Length > 1, $"{operation} {parameter.Name} has no description");
            });
            Assert.All(operation.Answers, answer => Assert.True(
                answer.Key == "204" || answer.Value is not null, $"{operation} says nothing of the body of {answer.Key}"));
            Assert.All(operation.Answers.Keys.Where(status => status[0] == '4'), status => Assert.Equal("application/problem+json", operation.TypeOf(status)));
            Assert.All(operation.Fields, field => Assert.Matches("^[a-z_0-9]+$", field.Name));
        }
    }

    [Fact]
    public async Task The_explorer_is_the_packages_own_and_may_ask_only_this_API()
    {
        using var page = await api.Client.GetAsync(new Uri("/scalar/", UriKind.Relative), TestContext.Current.CancellationToken);
        var html = await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal(200, (int)page.StatusCode);
        Assert.DoesNotContain("https://", html, StringComparison.Ordinal);
        Assert.Contains("connect-src 'self'", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        using var script = await api.Client.GetAsync(new Uri("/scalar/scalar.js", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal((200, "text/javascript"), ((int)script.StatusCode, script.Content.Headers.ContentType?.MediaType));

        // As a browser sends what is tried out in the page without a key.
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/api/admin/data-cleanup/cancel", UriKind.Relative));
        request.Headers.Add("Origin", api.Client.BaseAddress!.GetLeftPart(UriPartial.Authority));
        request.Headers.Add("Sec-Fetch-Site", "same-origin");
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer ");
        using var answer = await api.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(409, (int)answer.StatusCode);
    }

    [Theory]
    [InlineData("GET", "/api/admin/cards/x", 400)]
    [InlineData("GET", "/nowhere", 404)]
    [InlineData("PATCH", "/api/admin/cards", 405)]
    public async Task A_problem_names_the_trace_that_the_logs_have(string method, string path, int expected)
    {
        var (status, problem) = await api.SendAsync(new HttpMethod(method), path);
        Assert.Equal(expected, status);
        Assert.NotEmpty(problem.Text("detail")!);
        var trace = problem.Text("trace_id")!;
        Assert.Matches("^[0-9a-f]{32}$", trace);
        await PollingSystem.UntilAsync(TimeSpan.FromSeconds(10), async () => (await api.LogAsync("access.log")).Contains($"trace={trace} {method} {path} {expected}", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("GET", "/api/admin/cards/x", null)]
    [InlineData("GET", "/nowhere", null)]
    [InlineData("POST", "/api/admin/carriers", "{")]
    [InlineData("POST", "/api/admin/carriers", "{}")]
    public async Task A_problem_is_a_problem_whatever_the_caller_accepts(string method, string path, string? body)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(path, UriKind.Relative));
        request.Headers.Add("Accept", "image/png");
        request.Content = body is null ? null : new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var answer = await api.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.InRange((int)answer.StatusCode, 400, 404);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Contains("\"trace_id\"", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    private static string CheckedIn([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "docs", "openapi.json"));
}
