using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;

namespace Polling.Weeks.Tests.Processes;

/// <summary>JSON over HTTP; what is not answered with success fails with the answer's text.</summary>
internal sealed class ApiClient(Uri address) : IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = address, Timeout = TimeSpan.FromMinutes(2) };

    public Uri Address { get; } = address;

    /// <summary>Null when it answers well, else why not.</summary>
    public async Task<string?> TryAsync(string path)
    {
        try
        {
            using var response = await _http.GetAsync(new Uri(path, UriKind.Relative));
            return response.IsSuccessStatusCode ? null : $"{Address}{path} answers {response.StatusCode}";
        }
        catch (HttpRequestException e)
        {
            return e.Message;
        }
    }

    public async Task<JsonObject> GetAsync(string path) => (await _http.GetFromJsonAsync<JsonObject>(path))!;

    public async Task<JsonObject> SendAsync(HttpMethod method, string path, JsonObject? body = null)
    {
        using var content = body is null ? null : new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        return await SendAsync(method, path, content);
    }

    public async Task<JsonObject> SendCsvAsync(string path, string csv)
    {
        using var content = new StringContent(csv, Encoding.UTF8, "text/csv");
        return await SendAsync(HttpMethod.Post, path, content);
    }

    public void Dispose() => _http.Dispose();

    private async Task<JsonObject> SendAsync(HttpMethod method, string path, HttpContent? content)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        using var response = await _http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return !response.IsSuccessStatusCode ? throw new InvalidOperationException($"{method} {path}: {response.StatusCode} {text}")
            : response.StatusCode == HttpStatusCode.NoContent || text.Length == 0 ? []
            : JsonNode.Parse(text)!.AsObject();
    }
}
