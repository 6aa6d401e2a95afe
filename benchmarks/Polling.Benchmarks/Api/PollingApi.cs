using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Polling.Benchmarks.Api;

/// <summary>The admin API did not do what was asked.</summary>
internal sealed class ApiException(string message, int? status = null) : Exception(message)
{
    /// <summary>The HTTP status; null = it did not answer.</summary>
    public int? Status => status;
}

/// <summary>A system's admin API, as any program may ask it.</summary>
internal sealed class PollingApi : IDisposable
{
    public static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly HttpClient _client;

    /// <param name="address">Of the API, with a slash at its end.</param>
    /// <param name="key">An API key, or null.</param>
    public PollingApi(Uri address, string? key)
    {
        Address = address;
        _client = new HttpClient { BaseAddress = new Uri(address, "api/admin/"), Timeout = Patience };
        if (key is not null)
        {
            _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }
    }

    public Uri Address { get; }

    /// <summary>Reads what lies at a path below <c>/api/admin/</c>.</summary>
    /// <exception cref="ApiException">It does not answer, or refuses.</exception>
    public Task<T> GetAsync<T>(string path, CancellationToken cancellation) => SendAsync<T>(HttpMethod.Get, path, null, cancellation);

    /// <summary>Asks for something.</summary>
    /// <exception cref="ApiException">It does not answer, or refuses.</exception>
    public async Task<T> SendAsync<T>(HttpMethod method, string path, object? body, CancellationToken cancellation)
    {
        try
        {
            using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = body is null ? null : JsonContent.Create(body) };
            using var answer = await _client.SendAsync(request, cancellation);
            return answer.IsSuccessStatusCode
                ? await answer.Content.ReadFromJsonAsync<T>(Json, cancellation) ?? throw new ApiException($"{method} {path} was answered with null.")
                : throw new ApiException($"{method} {path} was answered with {(int)answer.StatusCode}: {Problem(await answer.Content.ReadAsStringAsync(cancellation))}", (int)answer.StatusCode);
        }
        catch (HttpRequestException e)
        {
            throw new ApiException($"The admin API at {Address} does not answer: {e.Message}. (Is the system up? --api names another.)");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new ApiException($"The admin API at {Address} has not answered {path} for {Patience.TotalSeconds:F0} s.");
        }
        catch (JsonException e)
        {
            throw new ApiException($"{method} {path} at {Address} was answered with what is no admin API's: {e.Message}");
        }
    }

    public void Dispose() => _client.Dispose();

    // Title and detail, or what else it says.
    private static string Problem(string body)
    {
        try
        {
            var problem = JsonSerializer.Deserialize<JsonElement>(body);
            return problem.ValueKind == JsonValueKind.Object && problem.TryGetProperty("title", out var title)
                ? problem.TryGetProperty("detail", out var detail) ? $"{title}: {detail}" : $"{title}"
                : body;
        }
        catch (JsonException)
        {
            return body.Length == 0 ? "nothing" : body.Split('\n')[0];
        }
    }
}
