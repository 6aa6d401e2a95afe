using System.Net;
using System.Net.Sockets;

namespace Polling.ServiceDefaults.Tests;

public sealed class HealthTests
{
    [Fact]
    public async Task Without_its_servers_a_service_starts_is_alive_and_says_why_it_is_not_ready()
    {
        int port;
        using (var listener = new TcpListener(IPAddress.Loopback, 0))
        {
            listener.Start();
            port = ((IPEndPoint)listener.LocalEndpoint).Port;
        }

        using var folder = new TemporaryFolder();
        using var process = TestServiceProcess.Start(
            folder.Path,
            ("ASPNETCORE_URLS", $"http://127.0.0.1:{port}"),
            ("Clients", "true"),
            ("ConnectionStrings__redis", "127.0.0.1:1"),
            ("ConnectionStrings__polling", "Host=127.0.0.1;Port=1;Username=polling;Password=geheim"));
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };

        Assert.Equal(HttpStatusCode.OK, (await WhenUpAsync(http, "/alive")).Status);
        var (status, body) = await WhenUpAsync(http, "/health");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Contains("Redis at 127.0.0.1:1 does not answer", body, StringComparison.Ordinal);
        Assert.Contains("PostgreSQL does not answer", body, StringComparison.Ordinal);
        Assert.DoesNotContain("geheim", body, StringComparison.Ordinal);
    }

    private static async Task<(HttpStatusCode Status, string Body)> WhenUpAsync(HttpClient http, string path)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            try
            {
                using var response = await http.GetAsync(new Uri(path, UriKind.Relative), patience.Token);
                return (response.StatusCode, await response.Content.ReadAsStringAsync(patience.Token));
            }
            catch (HttpRequestException)
            {
                await Task.Delay(50, patience.Token); // Not listening yet; the token bounds the wait.
            }
        }
    }
}
