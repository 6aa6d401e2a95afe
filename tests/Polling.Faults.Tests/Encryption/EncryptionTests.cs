using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Polling.AppHost.LocalServers;
using Polling.Faults.Tests.Harness;
using Polling.TestServers;
using StackExchange.Redis;
using Condition = Polling.Faults.Tests.Harness.Condition;

namespace Polling.Faults.Tests.Encryption;

/// <summary>
/// The system in production on a Redis and a PostgreSQL that speak TLS only, each with a certificate of an authority of its own; the user of Redis has the
/// rights that docs/deployment.md lists, and no others.
/// </summary>
public partial class EncryptionTests(ITestOutputHelper output)
{
    private const string Redis = "ConnectionStrings__redis";
    private const string Postgres = "ConnectionStrings__polling";
    private const string Authority = "Polling__Redis__CertificateAuthority";
    private const string Api = "Polling.AdminApi";
    private const string Scheduler = "Polling.Scheduler";
    private const string Executor = "Polling.Executor";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // The client asks for the server's timeouts when it connects, and bears a no.
    private static readonly string[] MayBeRefused = ["config|get"];

    [Fact]
    public async Task It_polls_over_TLS_as_a_user_of_few_rights_and_says_in_one_line_what_keeps_it_out()
    {
        var cancel = TestContext.Current.CancellationToken;
        var clock = Stopwatch.StartNew();
        await using var system = await EncryptedSystem.StartAsync(UserOf("deployment.md"), cancel);
        Assert.Equal(UserOf("deployment.md"), UserOf("deployment.zh-CN.md"));
        var key = await MakeKeyAsync(system);
        await Fleet.SeedAsync(system.Database, cancel);
        await using (var command = system.Database.CreateCommand($"UPDATE tb_carrier_account SET base_url = '{system.Gateway.Address}'"))
        {
            await command.ExecuteNonQueryAsync(cancel);
        }

        var api = system.Process("admin-api", Api);
        var services = new[] { system.Gateway, api, system.Process("scheduler", Scheduler), system.Process("executor", Executor) };
        foreach (var service in services)
        {
            service.Begin();
        }

        await Task.WhenAll(services.Select(service => service.HealthyAsync(system.Http, cancel)));
        await system.PollsAsync(cancel);
        system.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        Assert.True((await system.Http.GetAsync(new Uri(api.Address, "/api/admin/polling-stats"), cancel)).IsSuccessStatusCode);
        await AssertRightsSufficeAsync(system);
        output.WriteLine($"it polled within {clock.Elapsed.TotalSeconds:F1} s");
        await Task.WhenAll(services.Select(service => service.KillAsync()));
        await AssertRefusedAsync(system);
    }

    /// <summary>The API starts without Redis.</summary>
    [Fact, Trait("Category", "Long")]
    public async Task What_keeps_it_out_is_said_and_ends_it_when_Redis_is_back_too()
    {
        var cancel = TestContext.Current.CancellationToken;
        await using var system = await EncryptedSystem.StartAsync(UserOf("deployment.md"), cancel);
        await MakeKeyAsync(system);
        await using var redis = await TestRedis.StartAsync(RedisEngine.Redis, cancellationToken: cancel);
        await redis.KillAsync();
        var api = system.Process("redis-late", Api, (Redis, FormattableString.Invariant($"localhost:{redis.Port},ssl=true")));
        var end = api.RunAsync(Patience);
        await Condition.HoldsAsync(() => api.AnswersAsync("/alive", system.Http, cancel), Patience, "the API does not start without Redis");
        await redis.RestartAsync(empty: true, cancel);
        var (exitCode, said) = await end;
        Assert.True(
            exitCode == 1 && said.Split('\n').Any(line => line.Contains("fatal-error admin-api", StringComparison.Ordinal) && line.Contains("answers in plain text", StringComparison.Ordinal)),
            $"it ended with {exitCode} and said: {said}");
    }

    private static async Task<string> MakeKeyAsync(EncryptedSystem system)
    {
        var (exitCode, said) = await system.Process("key", Api).RunAsync(Patience, "create-api-key", "--name", "ops", "--scope", "admin", "--expires-days", "1");
        Assert.True(exitCode == 0, said);
        return Key().Match(said).Value;
    }

    private static async Task AssertRightsSufficeAsync(EncryptedSystem system)
    {
        var options = ConfigurationOptions.Parse(system.RedisString + ",tiebreaker=,configChannel=");
        options.TrustIssuer(system.Settings[Authority]!);
        await using var redis = await ConnectionMultiplexer.ConnectAsync(options);
        var commands = (string)(await redis.GetDatabase().ExecuteAsync("INFO", "commandstats"))!;
        var refused = RefusedCommand().Matches(commands).Select(command => command.Groups["name"].Value);
        Assert.Empty(refused.Except(MayBeRefused));
        Assert.DoesNotContain("NOPERM", system.Logs(), StringComparison.Ordinal);
    }

    private async Task AssertRefusedAsync(EncryptedSystem system)
    {
        var clock = Stopwatch.StartNew();
        using var other = new TestAuthority("localhost");
        await using var plain = await TestRedis.StartAsync(RedisEngine.Redis, cancellationToken: TestContext.Current.CancellationToken);
        var (redis, postgres, ours) = (system.RedisString, system.PostgresString, system.Settings[Authority]!);
        (string Name, string Program, string Key, string? Value, string Line)[] cases =
        [
            ("redis-authority", Executor, Authority, other.CertificateFile, "is not accepted: it is of CN=Test authority"),
            ("redis-machine", Scheduler, Authority, null, "set Polling:Redis:CertificateAuthority to the PEM file of its authority"),
            ("redis-host", Executor, Redis, redis.Replace("localhost", "127.0.0.1", StringComparison.Ordinal), "it is for localhost, not for 127.0.0.1; name that host"),
            ("redis-no-tls", Scheduler, Redis, FormattableString.Invariant($"localhost:{plain.Port},ssl=true"), "answers in plain text: name its port for TLS"),
            ("redis-password", Api, Redis, redis + "x", "refuses user and password (WRONGPASS"),
            ("postgres-authority", Executor, Postgres, postgres.Replace(ours, other.CertificateFile, StringComparison.Ordinal), "the certificate of PostgreSQL is not accepted"),
            ("postgres-host", Api, Postgres, postgres.Replace("Host=localhost", "Host=127.0.0.1", StringComparison.Ordinal), "Host must be a name in it"),
            ("postgres-plain", Scheduler, Postgres, postgres.Replace("VerifyFull", "Disable", StringComparison.Ordinal), "add SSL Mode=VerifyFull"),
            ("postgres-no-file", Api, Postgres, postgres.Replace(ours, ours + "x", StringComparison.Ordinal), "Root Certificate or SSL Certificate: Could not find file"),
        ];
        var ended = await Task.WhenAll(cases
            .Select(one => system.Process(one.Name, one.Program, (one.Key, one.Value)).RunAsync(Patience))
            .Append(system.Process("redis-plain", Executor, (Redis, redis.Replace(",ssl=true", "", StringComparison.Ordinal)), (Authority, null)).RunAsync(Patience)));
        var lines = cases.Select(one => (one.Name, one.Line)).Append(("redis-plain", "speaks TLS: add ssl=true"));
        foreach (var ((name, line), (exitCode, said)) in lines.Zip(ended))
        {
            // The model's own remarks come before any connection.
            var lastly = said.TrimEnd().Split('\n').Where(one => !one.Contains(" warning ", StringComparison.Ordinal)).ToArray();
            output.WriteLine($"{name}: {string.Join('\n', lastly)}");
            Assert.True(exitCode == 1 && lastly is [var only] && only.Contains(line, StringComparison.Ordinal), $"{name} ended with {exitCode} and said: {said}");
        }

        output.WriteLine($"{ended.Length} refusals took {clock.Elapsed.TotalSeconds:F1} s");
    }

    // What stands behind "user" in the line of the documents.
    private static string UserOf(string document) => File.ReadLines(Path.Combine(AppContext.BaseDirectory, "docs", document))
        .Single(line => line.StartsWith("user polling on ", StringComparison.Ordinal))["user ".Length..];

    [GeneratedRegex("polling_[A-Za-z0-9_-]{30,}")]
    private static partial Regex Key();

    [GeneratedRegex(@"cmdstat_(?<name>[^:]+):.*rejected_calls=[1-9]")]
    private static partial Regex RefusedCommand();
}
