using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting.Internal;
using Polling.ServiceDefaults.Production;

namespace Polling.ServiceDefaults.Tests.Production;

/// <summary>What a service refuses to start with outside development, setting by setting.</summary>
public sealed class ProductionRuleTests
{
    private const string Database = "ConnectionStrings:polling";
    private const string Redis = "ConnectionStrings:redis";
    private const string Networks = "Polling:Webhooks:AllowedNetworks:0";

    [Theory]
    [InlineData("Host=db;Username=polling;Password=polling", "the password \"polling\"")]
    [InlineData("Host=127.0.0.1;Username=polling;Password=polling", "the password \"polling\"")]
    [InlineData("Host=localhost;Username=x;Password=Polling", "the password \"Polling\"")]
    [InlineData("Host=db;Username=postgres;Password=postgres", "the password \"postgres\"")]
    [InlineData("Host=db;Username=polling;Password=", "needs a password")]
    [InlineData("Host=db;Username=polling", "needs a password")]
    [InlineData("Host=db;Username=polling;Password=long and secret", null)]
    [InlineData("Host=db;Username=polling;Passfile=/run/secrets/pgpass", null)]
    [InlineData("Host=db;Username=polling;SSL Certificate=/run/secrets/client.pem", null)]
    [InlineData("Host=/var/run/postgresql;Username=polling", null)]
    [InlineData("Host=/var/run/postgresql;Username=polling;Password=polling", "the password \"polling\"")]
    [InlineData("", null)]
    [InlineData("Hst=db", null)]
    public void The_database_has_a_password_of_its_own(string value, string? problem) => Expect(problem, (Database, value));

    [Theory]
    [InlineData("polling", "the password \"polling\"")]
    [InlineData("long and secret", null)]
    public void A_password_may_come_from_the_environment(string password, string? problem) =>
        Expect(problem, (Database, "Host=db;Username=polling"), ("PGPASSWORD", password));

    [Fact]
    public void Connection_strings_are_found_where_the_client_packages_look()
    {
        Expect("Aspire:Npgsql:polling:ConnectionString must not have the password", ("Aspire:Npgsql:polling:ConnectionString", "Host=db;Password=polling"));
        Expect("Aspire:StackExchange:Redis:ConnectionString must not lead to far:6379", ("Aspire:StackExchange:Redis:ConnectionString", "far:6379"));
    }

    [Theory]
    [InlineData("redis.example:6379", "redis.example:6379 in plain text")]
    [InlineData("10.0.0.5:6379,password=geheim", "10.0.0.5:6379 in plain text")]
    [InlineData("localhost:6379,10.0.0.5:6379", "10.0.0.5:6379 in plain text")]
    [InlineData("sentinel-1:26379,serviceName=polling", "sentinel-1:26379 in plain text")]
    [InlineData("redis.example:6379,ssl=false", "in plain text")]
    [InlineData("localhost.example:6379", "in plain text")]
    [InlineData("redis.example:6380,ssl=true", null)]
    [InlineData("polling.redis.cache.windows.net:6380", null)]
    [InlineData("localhost:6379", null)]
    [InlineData("redis.localhost:6379", null)]
    [InlineData("127.0.0.1:6379", null)]
    [InlineData("127.9.9.9:6379", null)]
    [InlineData("[::1]:6379", null)]
    [InlineData("", null)]
    [InlineData("redis.example,nonsense=1", null)]
    public void Redis_elsewhere_is_encrypted(string value, string? problem) => Expect(problem, (Redis, value));

    [Theory]
    [InlineData("true", null)]
    [InlineData("True", null)]
    [InlineData("", "in plain text")]
    [InlineData("false", "in plain text")]
    [InlineData("yes", "Polling:AllowPlainTextRedis is \"yes\"; it must be true or false")]
    public void Plain_text_can_be_allowed(string allowed, string? problem) => Expect(problem, (Redis, "redis:6379"), ("Polling:AllowPlainTextRedis", allowed));

    [Theory]
    [InlineData("0.0.0.0/0", "which reaches 0.0.0.0/8")]
    [InlineData("::/0", "which reaches ::/96")]
    [InlineData("127.0.0.1/32", "which reaches 127.0.0.0/8")]
    [InlineData("::1/128", "which reaches ::/96")]
    [InlineData("169.254.169.254/32", "which reaches 169.254.0.0/16")]
    [InlineData("168.0.0.0/6", "which reaches 169.254.0.0/16")]
    [InlineData("fd00:ec2::/32", "which reaches fd00:ec2::254/128")]
    [InlineData("64:ff9b::a00:0/104", "which reaches 64:ff9b::/96")]
    [InlineData("10.0.0.0/8", "wider than /16")]
    [InlineData("172.16.0.0/12", "wider than /16")]
    [InlineData("fc00::/8", "wider than /48")]
    [InlineData("10.20.0.0/16", null)]
    [InlineData("192.168.7.9/32", null)]
    [InlineData("fd12:3456:789a::/48", null)]
    [InlineData("all", null)]
    public void Webhooks_reach_no_more_than_the_receivers_networks(string network, string? problem) => Expect(problem, (Networks, network));

    [Fact]
    public void Every_network_is_looked_at() =>
        Expect("must not have \"10.0.0.0/8\"", (Networks, "10.20.0.0/16"), ("Polling:Webhooks:AllowedNetworks:1", "10.0.0.0/8"));

    [Theory]
    [InlineData("Development", null)]
    [InlineData("Staging", "in the environment Staging")]
    public async Task All_is_said_at_once_and_only_outside_development(string environment, string? problem)
    {
        var check = new ProductionCheck(
            Configured((Database, "Host=db;Password=polling"), (Redis, "redis:6379"), (Networks, "10.0.0.0/8")), new HostingEnvironment { EnvironmentName = environment });

        var refusal = await Record.ExceptionAsync(check.CheckAsync);

        Assert.Equal(problem is null, refusal is null);
        Assert.All(problem is null ? [] : new[] { problem, Database, Redis, "AllowedNetworks" }, part => Assert.Contains(part, Assert.IsType<StartupException>(refusal).Message, StringComparison.Ordinal));
    }

    private static void Expect(string? problem, params (string Key, string? Value)[] settings)
    {
        var problems = ProductionCheck.Problems(Configured(settings));
        if (problem is null)
        {
            Assert.Empty(problems);
            return;
        }

        Assert.Contains(problem, Assert.Single(problems), StringComparison.Ordinal);
    }

    private static IConfiguration Configured(params (string Key, string? Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, setting.Value))).Build();
}
