using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Polling.ServiceDefaults.Health;

namespace Polling.ServiceDefaults;

/// <summary>
/// <c>dotnet Polling.….dll health-check</c>: asks the process that runs beside it with the same settings for <c>/health</c>. For a container's health
/// check: its image has neither a shell nor curl.
/// </summary>
public static class HealthProbe
{
    private const string Word = "health-check";
    private const string DefaultUrl = "http://localhost:5000";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    /// <summary>Whether the arguments ask for it.</summary>
    public static bool IsAsked(string[] args) => args is [Word];

    /// <summary>Asks.</summary>
    /// <returns>The exit code: 0 when it is healthy, else 1; then one line on standard error says why.</returns>
    public static async Task<int> RunAsync()
    {
        var url = UrlOf(WebApplication.CreateSlimBuilder().Configuration);
        try
        {
            using var http = new HttpClient { Timeout = Patience };
            using var answer = await http.GetAsync(new Uri(url));
            if (answer.IsSuccessStatusCode)
            {
                return 0;
            }

            await Console.Error.WriteLineAsync($"{url} answers {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
        {
            await Console.Error.WriteLineAsync($"{url} does not answer: {exception.Message}");
        }

        return StartupGuard.Failed;
    }

    /// <summary>Where a process with this configuration answers, from this machine.</summary>
    internal static string UrlOf(IConfiguration configuration)
    {
        var http = configuration["urls"]?.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .FirstOrDefault(url => url.StartsWith("http://", StringComparison.OrdinalIgnoreCase));
        var port = configuration["http_ports"]?.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).FirstOrDefault();
        var address = BindingAddress.Parse(http ?? (port is null ? DefaultUrl : $"http://*:{port}"));
        var host = address.Host is "*" or "+" or "0.0.0.0" or "[::]" ? "localhost" : address.Host;
        return $"http://{host}:{address.Port}{HealthEndpoints.Ready}";
    }
}
