using System.Diagnostics;
using YamlDotNet.RepresentationModel;

namespace Polling.AppHost.Tests.Publishing;

/// <summary>What the stated command writes: a Compose file of the same composition, for production, without secrets.</summary>
public sealed class ComposeTests : IDisposable
{
    private const string Hint = ":?enter {0} in .env}}";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly string[] Services = ["admin-api", "scheduler", "executor"];
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task It_is_the_composition_for_production()
    {
        var (exitCode, output, errors) = await PublishAsync("--Polling:Executors=4", "--Polling:Schedulers=2");
        Assert.True(exitCode == 0, $"{output}{errors}");
        var compose = Read("docker-compose.yaml");
        var services = Map(compose["services"]);

        // Neither the stand-in for carriers nor made-up cards.
        Assert.Equal(["admin-api", "executor", "postgres", "redis", "scheduler"], services.Keys.Order());
        Assert.DoesNotContain("DemoCards", await TextAsync("docker-compose.yaml"), StringComparison.Ordinal);
        Assert.DoesNotContain("mock", await TextAsync("docker-compose.yaml"), StringComparison.Ordinal);
        Assert.All(Services, name =>
        {
            var service = Map(services[name]);
            var environment = Map(service["environment"]);
            Assert.Equal("Production", Text(environment["ASPNETCORE_ENVIRONMENT"]));
            Assert.Equal($"redis:6379,password={Placeholder("REDIS_PASSWORD")}", Text(environment["ConnectionStrings__redis"]));
            Assert.Equal(
                $"Host=postgres;Port=5432;Username={Placeholder("POSTGRES_USER")};Password={Placeholder("POSTGRES_PASSWORD")};Database=polling",
                Text(environment["ConnectionStrings__polling"]));
            Assert.Equal("true", Text(environment["Polling__AllowPlainTextRedis"]));
            Assert.Equal(Placeholder($"{name.ToUpperInvariant().Replace('-', '_')}_IMAGE"), Text(service["image"]));
            Assert.Equal("1654:1654", Text(service["user"]));
            Assert.Equal(["./logs:/logs"], List(service["volumes"]));
        });
        Assert.Equal(("2", "4"), (Text(Map(Map(services["scheduler"])["deploy"])["replicas"]), Text(Map(Map(services["executor"])["deploy"])["replicas"])));

        // The API alone can be reached from outside.
        Assert.Equal(["3000:3000"], List(Map(services["admin-api"])["ports"]));
        Assert.All(services.Where(service => service.Key != "admin-api"), service => Assert.DoesNotContain("ports", Map(service.Value).Keys));

        Assert.Equal(["postgres", "redis"], Waits(services, "admin-api").Order());
        Assert.Equal(["admin-api"], Waits(services, "scheduler"));
        Assert.Equal(["admin-api"], Waits(services, "executor"));
        Assert.Equal(["postgres-data", "redis-data"], Map(compose["volumes"]).Keys.Order());
    }

    [Fact]
    public async Task Every_service_runs_without_rights_is_watched_and_has_time_to_end()
    {
        await PublishAsync();
        Assert.All(Map(Read("docker-compose.yaml")["services"]), named =>
        {
            var service = Map(named.Value);
            Assert.Equal(("true", "unless-stopped"), (Text(service["read_only"]), Text(service["restart"])));
            Assert.Equal(["ALL"], List(service["cap_drop"]));
            Assert.Equal(["no-new-privileges:true"], List(service["security_opt"]));
            Assert.Contains("/tmp", List(service["tmpfs"]));
            Assert.DoesNotContain(Text(service["user"]), new[] { "", "0", "root" });
            Assert.NotEmpty(List(Map(service["healthcheck"])["test"]));

            // Longer than the host's 30 s, in which calls of 15 s end.
            Assert.InRange(int.Parse(Text(service["stop_grace_period"]).TrimEnd('s'), System.Globalization.CultureInfo.InvariantCulture), 45, 120);
        });

        // Each asks itself, by the assembly that its image starts.
        var services = Map(Read("docker-compose.yaml")["services"]);
        Assert.Equal(
            ["/app/Polling.AdminApi.dll", "/app/Polling.Scheduler.dll", "/app/Polling.Executor.dll"],
            Services.Select(name => List(Map(Map(services[name])["healthcheck"])["test"])[2]));
    }

    [Fact]
    public async Task Secrets_are_the_operators_and_stay_what_they_are()
    {
        var (_, first, _) = await PublishAsync();
        var env = await TextAsync(".env");
        Assert.Contains("POSTGRES_USER=polling\n", env, StringComparison.Ordinal);
        Assert.Contains("POSTGRES_PASSWORD=\n", env, StringComparison.Ordinal);
        Assert.Contains("REDIS_PASSWORD=\n", env, StringComparison.Ordinal);
        Assert.Contains("ADMIN_API_IMAGE=polling-adminapi:latest\n", env, StringComparison.Ordinal);
        Assert.Contains("is yours to fill in: POSTGRES_PASSWORD, REDIS_PASSWORD.", first, StringComparison.Ordinal);
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(_folder.File(".env")) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));

        await File.WriteAllTextAsync(
            _folder.File(".env"), "REDIS_PASSWORD=geheim\n# mine\nPOSTGRES_PASSWORD=geheim2\nOWN=1\n", TestContext.Current.CancellationToken);
        var (_, second, _) = await PublishAsync();
        Assert.StartsWith("REDIS_PASSWORD=geheim\n# mine\nPOSTGRES_PASSWORD=geheim2\nOWN=1\n", await TextAsync(".env"), StringComparison.Ordinal);
        Assert.Contains("EXECUTOR_IMAGE=polling-executor:latest\n", await TextAsync(".env"), StringComparison.Ordinal);
        Assert.Contains("has all that it needs", second, StringComparison.Ordinal);
        Assert.DoesNotContain("geheim", await TextAsync("docker-compose.yaml"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Servers_of_the_operators_own_are_named_where_it_runs()
    {
        await PublishAsync(
            "--ConnectionStrings:redis=far:6380,ssl=true,password=geheim", "--ConnectionStrings:polling=Host=far;Username=polling;Password=geheim",
            "--Polling:Redis:Layout=Cluster", "--Polling:Redis:CertificateAuthority=/etc/polling/authority.pem");
        var services = Map(Read("docker-compose.yaml")["services"]);
        Assert.Equal(["admin-api", "executor", "scheduler"], services.Keys.Order());
        Assert.DoesNotContain("geheim", await TextAsync("docker-compose.yaml") + await TextAsync(".env"), StringComparison.Ordinal);
        Assert.All(services.Values, service =>
        {
            var environment = Map(Map(service)["environment"]);
            Assert.Equal(
                (Placeholder("REDIS"), Placeholder("POLLING")), (Text(environment["ConnectionStrings__redis"]), Text(environment["ConnectionStrings__polling"])));

            Assert.Equal("Cluster", Text(environment["Polling__Redis__Layout"]));

            // That Redis has to be reached by TLS.
            Assert.DoesNotContain("Polling__AllowPlainTextRedis", environment.Keys);
            Assert.Equal("/etc/polling/authority.pem", Text(environment["Polling__Redis__CertificateAuthority"]));
        });
    }

    [Theory]
    [InlineData("--publisher manifest needs the genuine Aspire packages", "--publisher", "manifest", "--output-path", "x.json")]
    [InlineData("--operation publish --step deploy needs the genuine Aspire packages", "--operation", "publish", "--step", "deploy", "--output-path", "x")]
    [InlineData("--Polling:Target=kubernetes needs the genuine Aspire packages", "--operation", "publish", "--step", "publish", "--output-path", "x", "--Polling:Target=kubernetes")]
    [InlineData("Polling:Target is 'swarm': it must be one of compose, kubernetes, azure", "--operation", "publish", "--step", "publish", "--output-path", "x", "--Polling:Target=swarm")]
    [InlineData("--output-path is missing", "--operation", "publish", "--step", "publish")]
    [InlineData("set --output-path to a folder that can", "--operation", "publish", "--step", "publish", "--output-path", "/dev/null/x")]
    public async Task What_cannot_be_published_is_one_line(string expected, params string[] arguments)
    {
        var (exitCode, output, errors) = await RunAsync(arguments);
        Assert.Equal((1, ""), (exitCode, output));
        Assert.Contains(expected, Assert.Single(errors.TrimEnd('\n').Split('\n')), StringComparison.Ordinal);
    }

    private static string Placeholder(string name) => $"${{{name}{string.Format(System.Globalization.CultureInfo.InvariantCulture, Hint, name)}";

    private static IEnumerable<string> Waits(IReadOnlyDictionary<string, YamlNode> services, string name) =>
        Map(Map(services[name])["depends_on"]).Select(other =>
        {
            Assert.Equal("service_healthy", Text(Map(other.Value)["condition"]));
            return other.Key;
        });

    private static Dictionary<string, YamlNode> Map(YamlNode node) =>
        Assert.IsType<YamlMappingNode>(node).Children.ToDictionary(child => Text(child.Key), child => child.Value);

    private static string Text(YamlNode node) => Assert.IsType<YamlScalarNode>(node).Value!;

    private static List<string> List(YamlNode node) => [.. Assert.IsType<YamlSequenceNode>(node).Children.Select(Text)];

    private Dictionary<string, YamlNode> Read(string name)
    {
        var stream = new YamlStream();
        using var reader = File.OpenText(_folder.File(name));
        stream.Load(reader);
        return Map(Assert.Single(stream.Documents).RootNode);
    }

    private Task<string> TextAsync(string name) => File.ReadAllTextAsync(_folder.File(name), TestContext.Current.CancellationToken);

    private Task<(int ExitCode, string Output, string Errors)> PublishAsync(params string[] more) =>
        RunAsync(["--operation", "publish", "--step", "publish", "--output-path", _folder.Path, .. more]);

    private async Task<(int ExitCode, string Output, string Errors)> RunAsync(string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", ["exec", typeof(Projects.Polling_AppHost).Assembly.Location, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _folder.Path,

            // As "dotnet run" starts it.
            Environment = { ["DOTNET_ENVIRONMENT"] = "Development", ["ASPNETCORE_ENVIRONMENT"] = "Development" },
        })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Patience, TestContext.Current.CancellationToken);
        return (process.ExitCode, await output, errors);
    }
}
