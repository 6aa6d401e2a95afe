using System.Diagnostics;
using YamlDotNet.RepresentationModel;

namespace Polling.AppHost.Tests.AspirePackages;

/// <summary>The Helm chart that Aspire writes of the composition. With the genuine packages only.</summary>
public sealed class ChartTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Pods_run_without_rights_are_watched_and_have_time_to_end()
    {
        using var process = Process.Start(new ProcessStartInfo(
            "dotnet",
            [
                "exec", typeof(Projects.Polling_AppHost).Assembly.Location, "--operation", "publish", "--step", "publish", "--output-path", _folder.Path,
                "--Polling:Target=kubernetes", "--Polling:Executors=4",
            ])
        {
            WorkingDirectory = _folder.Path,
        })!;
        await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
        Assert.Equal(
            ["admin-api", "executor", "postgres", "redis", "scheduler"],
            Directory.GetDirectories(_folder.File("templates")).Select(path => Path.GetFileName(path)!).Order());

        var deployment = Read("templates/executor/deployment.yaml")["spec"];
        Assert.Equal("4", $"{deployment["replicas"]}");
        var pod = deployment["template"]["spec"];
        Assert.Equal(("45", "true", "1654"), ($"{pod["terminationGracePeriodSeconds"]}", $"{pod["securityContext"]["runAsNonRoot"]}", $"{pod["securityContext"]["runAsUser"]}"));
        var container = pod["containers"][0];
        Assert.Equal(("true", "ALL"), ($"{container["securityContext"]["readOnlyRootFilesystem"]}", $"{container["securityContext"]["capabilities"]["drop"][0]}"));
        Assert.Equal(
            ("/alive", "/health", "HTTP"),
            ($"{container["livenessProbe"]["httpGet"]["path"]}", $"{container["readinessProbe"]["httpGet"]["path"]}", $"{container["readinessProbe"]["httpGet"]["scheme"]}"));

        // No password, made-up card or stand-in for carriers is in what is published.
        var values = await File.ReadAllTextAsync(_folder.File("values.yaml"), TestContext.Current.CancellationToken);
        Assert.Contains("postgres_password: \"\"", values, StringComparison.Ordinal);
        Assert.DoesNotContain("DemoCards", values, StringComparison.Ordinal);
        Assert.DoesNotContain("mock", values, StringComparison.Ordinal);
    }

    private YamlNode Read(string name)
    {
        var stream = new YamlStream();
        using var reader = File.OpenText(_folder.File(name));
        stream.Load(reader);
        return Assert.Single(stream.Documents).RootNode;
    }
}
