using Microsoft.Extensions.Configuration;

namespace Polling.ServiceDefaults.Tests;

/// <summary>The health check of a container: the program, asked by a second process of itself.</summary>
public sealed class HealthProbeTests
{
    [Theory]
    [InlineData("urls", "http://127.0.0.1:5001", "http://127.0.0.1:5001/health")]
    [InlineData("urls", "https://*:5443;http://*:5080", "http://localhost:5080/health")]
    [InlineData("urls", "http://[::]:80", "http://localhost:80/health")]
    [InlineData("http_ports", "3000", "http://localhost:3000/health")]
    [InlineData("http_ports", "8080;8081", "http://localhost:8080/health")]
    [InlineData("", "", "http://localhost:5000/health")]
    public void It_asks_where_the_service_listens(string key, string value, string url) => Assert.Equal(
        url, HealthProbe.UrlOf(new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create<string, string?>(key, value)]).Build()));

    [Fact]
    public async Task It_says_whether_the_service_is_healthy()
    {
        using var folder = new TemporaryFolder();
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        var url = $"http://{listener.LocalEndpoint}";
        listener.Stop();

        using var nobody = TestServiceProcess.Start(folder.Path, "health-check", ("ASPNETCORE_URLS", url));
        var (exitCode, _, errors) = await nobody.EndAsync();
        Assert.Equal(1, exitCode);
        Assert.Contains($"{url}/health does not answer", Assert.Single(errors.TrimEnd('\n').Split('\n')), StringComparison.Ordinal);

        using var service = TestServiceProcess.Start(folder.Path, ("ASPNETCORE_URLS", url));
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            using var probe = TestServiceProcess.Start(folder.Path, "health-check", ("ASPNETCORE_URLS", url));
            if (await probe.EndAsync() is { ExitCode: 0, Output: "", Errors: "" })
            {
                return;
            }

            patience.Token.ThrowIfCancellationRequested();
        }
    }
}
