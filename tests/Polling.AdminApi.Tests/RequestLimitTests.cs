using System.Text;

namespace Polling.AdminApi.Tests;

/// <summary>What is too long is refused by its length (docs/api.md).</summary>
public sealed class RequestLimitTests(ApiProcess api)
{
    [Theory]
    [InlineData("POST", "/api/admin/carriers", 64 * 1024, 400)]
    [InlineData("POST", "/api/admin/carriers", (64 * 1024) + 1, 413)]
    [InlineData("POST", "/api/admin/data-cleanup/trigger", (64 * 1024) + 1, 413)]
    [InlineData("POST", "/api/admin/polling-manual-trigger/batch", 4 * 1024 * 1024, 400)]
    [InlineData("POST", "/api/admin/polling-manual-trigger/batch", (4 * 1024 * 1024) + 1, 413)]
    public async Task A_body_has_an_end(string method, string path, int bytes, int expected)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(path, UriKind.Relative));
        request.Content = new StringContent($"{{\"x\":{new string(' ', bytes - 7)}1}}", Encoding.UTF8, "application/json");
        request.Headers.ExpectContinue = true;
        using var answer = await api.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal((expected, "application/problem+json"), ((int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
    }

    [Theory]
    [InlineData(7000, 0, 200)]
    [InlineData(9000, 0, 414)]
    [InlineData(0, 12_000, 200)]
    [InlineData(0, 17_000, 431)]
    public async Task A_first_line_and_headers_have_an_end(int query, int header, int expected)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"/api/admin/carriers?x={new string('x', query)}", UriKind.Relative));
        request.Headers.Add("X-Long", new string('x', header));
        using var answer = await api.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(expected, (int)answer.StatusCode);
    }
}
