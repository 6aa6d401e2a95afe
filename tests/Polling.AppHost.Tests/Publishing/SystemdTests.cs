using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Polling.AppHost.Tests.Publishing;

/// <summary>The units of deploy/systemd: they start what <c>dotnet publish</c> makes where docs/deployment.md has it put, and systemd understands them.</summary>
public sealed partial class SystemdTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "systemd");
    private static readonly string Manual = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "docs", "deployment.md"));
    private static readonly string[] Units = ["polling-admin-api.service", "polling-scheduler@.service", "polling-executor@.service"];

    [Fact]
    public void Each_unit_starts_the_assembly_of_a_service()
    {
        (string Folder, string Assembly)[] services =
        [
            ("admin-api", AssemblyOf(new Projects.Polling_AdminApi().AssemblyPath)), ("scheduler", AssemblyOf(new Projects.Polling_Scheduler().AssemblyPath)),
            ("executor", AssemblyOf(new Projects.Polling_Executor().AssemblyPath)),
        ];
        Assert.Equal(Units.Order(), Directory.EnumerateFiles(Folder, "*.service").Select(Path.GetFileName).Order());
        Assert.Equal(
            services.Select(service => $"/usr/bin/dotnet /opt/polling/{service.Folder}/{service.Assembly}.dll"),
            Units.Select(unit => Assert.Single(Values(unit, "ExecStart"))));
        Assert.All(services, service =>
            Assert.Contains($"dotnet publish {service.Assembly} -c Release -o /opt/polling/{service.Folder}", Spaces().Replace(Manual, " "), StringComparison.Ordinal));
    }

    [Fact]
    public void Each_unit_is_confined_and_stops_gracefully() => Assert.All(Units, unit =>
    {
        Assert.Equal(["yes", "strict", "", "polling", "on-failure", "SIGTERM", "45"], new[] { "NoNewPrivileges", "ProtectSystem", "CapabilityBoundingSet", "User", "Restart", "KillSignal", "TimeoutStopSec" }
            .Select(name => Assert.Single(Values(unit, name))));
        Assert.Contains("/etc/polling/polling.env", Values(unit, "EnvironmentFile"));
        Assert.Contains("ASPNETCORE_ENVIRONMENT=Production", string.Join(' ', Values(unit, "Environment")), StringComparison.Ordinal);
    });

    [Fact]
    public async Task Systemd_understands_them()
    {
        const string Analyzer = "/usr/bin/systemd-analyze";
        if (!File.Exists(Analyzer))
        {
            Assert.Skip("systemd is not on this machine");
        }

        using var folder = new TemporaryFolder();
        foreach (var file in Directory.EnumerateFiles(Folder).Where(file => Path.GetExtension(file) is ".service" or ".target"))
        {
            // It looks whether the program is there.
            var text = (await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)).Replace("/usr/bin/dotnet ", "/bin/sh ", StringComparison.Ordinal);
            await File.WriteAllTextAsync(folder.File(Path.GetFileName(file)), text, TestContext.Current.CancellationToken);
        }

        using var process = Process.Start(new ProcessStartInfo(Analyzer, ["verify", .. Units.Select(unit => folder.File(unit.Replace("@", "@1", StringComparison.Ordinal))), folder.File("polling.target")])
        {
            RedirectStandardError = true,
        })!;
        var errors = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal((0, ""), (process.ExitCode, string.Join('\n', errors.Split('\n').Where(line => line.Contains("polling", StringComparison.Ordinal)))));
    }

    private static string AssemblyOf(string path) => Path.GetFileNameWithoutExtension(path);

    private static List<string> Values(string unit, string name) =>
        [.. File.ReadLines(Path.Combine(Folder, unit)).Where(line => line.StartsWith($"{name}=", StringComparison.Ordinal)).Select(line => line[(name.Length + 1)..])];

    [GeneratedRegex(" +")]
    private static partial Regex Spaces();
}
