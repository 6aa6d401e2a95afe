namespace Polling.ServiceDefaults.Tests;

/// <summary>A process that cannot start says in one line what to change and ends with exit code 1.</summary>
public sealed class StartupTests
{
    private const string Redis = "127.0.0.1:1";
    private const string Postgres = "Host=127.0.0.1;Port=1;Username=polling;Password=geheim";

    [Theory]
    [InlineData("ConnectionStrings__redis", "", "ConnectionStrings:redis is missing")]
    [InlineData("ConnectionStrings__redis", "localhost,nonsense=1", "nonsense")]
    [InlineData("ConnectionStrings__polling", "", "ConnectionStrings:polling is missing")]
    [InlineData("ConnectionStrings__polling", "Hst=x;Password=geheim", "ConnectionStrings:polling cannot be used")]
    [InlineData("Polling__Telemetry__SamplingRatio", "1.5", "Polling:Telemetry:SamplingRatio is 1.5; it must be a number from 0 to 1")]
    [InlineData("Polling__Telemetry__SamplingRatio", "much", "Polling:Telemetry:SamplingRatio")]
    [InlineData("OTEL_TRACES_SAMPLER", "sometimes", "OTEL_TRACES_SAMPLER is 'sometimes'")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "localhost", "OTEL_EXPORTER_OTLP_ENDPOINT is 'localhost'")]
    [InlineData("Polling__LogDirectory", "/dev/null/logs", "Polling:LogDirectory")]
    [InlineData("Polling__Redis__CertificateAuthority", "/nowhere/ca.pem", "Polling:Redis:CertificateAuthority is \"/nowhere/ca.pem\"; it must be a PEM file with certificates: Could not find")]
    [InlineData("Polling__Redis__CertificateAuthority", "/dev/null", "Polling:Redis:CertificateAuthority is \"/dev/null\"; it must be a PEM file with certificates, and has none")]
    [InlineData("Polling__LogFile__MaxMegabytes", "0", "Polling:LogFile:MaxMegabytes is 0; it must be from 1 to 10240")]
    public async Task A_wrong_setting_is_one_line(string key, string value, string expected)
    {
        using var folder = new TemporaryFolder();
        using var process = TestServiceProcess.Start(
            folder.Path,
            ("Clients", "true"),
            ("ConnectionStrings__redis", Redis),
            ("ConnectionStrings__polling", Postgres),
            (key, value));

        var (exitCode, output, errors) = await process.EndAsync();

        Assert.Equal(1, exitCode);
        Assert.Contains(expected, Assert.Single(errors.TrimEnd('\n').Split('\n')), StringComparison.Ordinal);
        Assert.DoesNotContain("geheim", errors, StringComparison.Ordinal);
        Assert.Equal("", output);
    }

    // The rules themselves: Production/ProductionRuleTests.
    [Theory]
    [InlineData("ConnectionStrings__polling", "Host=db.example;Username=polling;Password=polling", "ConnectionStrings:polling must not have the password")]
    [InlineData("ConnectionStrings__redis", "redis.example:6379,password=geheim", "ConnectionStrings:redis must not lead to redis.example:6379 in plain text")]
    [InlineData("Polling__Webhooks__AllowedNetworks__0", "0.0.0.0/0", "Polling:Webhooks:AllowedNetworks must not have \"0.0.0.0/0\"")]
    public async Task Production_refuses_what_is_for_development(string key, string value, string expected)
    {
        using var folder = new TemporaryFolder();
        using var process = TestServiceProcess.Start(
            folder.Path,
            ("ASPNETCORE_ENVIRONMENT", "Production"),
            ("Clients", "true"),
            ("ConnectionStrings__redis", Redis),
            ("ConnectionStrings__polling", Postgres),
            (key, value));

        var (exitCode, output, errors) = await process.EndAsync();

        Assert.Equal((1, ""), (exitCode, output));
        Assert.Contains(
            $"cannot start: in the environment Production {expected}", Assert.Single(errors.TrimEnd('\n').Split('\n')), StringComparison.Ordinal);
        Assert.DoesNotContain("geheim", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_one_line()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        using var folder = new TemporaryFolder();
        using var process = TestServiceProcess.Start(folder.Path, ("ASPNETCORE_URLS", $"http://{listener.LocalEndpoint}"));

        var (exitCode, output, errors) = await process.EndAsync();

        Assert.Equal((1, ""), (exitCode, output));
        var line = Assert.Single(errors.TrimEnd('\n').Split('\n'));
        Assert.Contains($"{listener.LocalEndpoint}: address already in use", line, StringComparison.Ordinal);
        Assert.Contains("ASPNETCORE_URLS", line, StringComparison.Ordinal);
    }
}
