using System.Reflection;
using NetArchTest.Rules;

namespace Polling.Architecture.Tests;

/// <summary>The boundaries that docs/architecture.md draws.</summary>
public class BoundaryTests
{
    private static readonly Assembly Core = typeof(Core.Cards.Card).Assembly;
    private static readonly Assembly[] Services =
        [.. new[] { "Polling.AdminApi", "Polling.Scheduler", "Polling.Executor", "Polling.MockGateway" }.Select(Assembly.Load)];

    private static readonly string[] Stores = ["StackExchange.Redis", "Npgsql", "Microsoft.EntityFrameworkCore"];

    [Theory]
    [InlineData("Cards")]
    [InlineData("Carriers")]
    [InlineData("Configuration")]
    [InlineData("Scheduling")]
    public void The_domain_knows_no_store(string folder)
    {
        var types = Types.InAssembly(Core).That().ResideInNamespaceStartingWith($"Polling.Core.{folder}");
        Assert.NotEmpty(types.GetTypes());
        Holds(types.ShouldNot().HaveDependencyOnAny(Stores));
    }

    [Fact]
    public void Only_the_queue_and_the_statistics_touch_the_Redis_database()
    {
        const string Database = "StackExchange.Redis.IDatabase";
        Holds(Types.InAssembly(Core).That().DoNotResideInNamespaceStartingWith("Polling.Core.Queue")
            .And().DoNotResideInNamespaceStartingWith("Polling.Core.Statistics").ShouldNot().HaveDependencyOn(Database));
        Holds(Types.InAssemblies(Services).ShouldNot().HaveDependencyOn(Database));
        Assert.NotEmpty(Types.InAssembly(Core).That().HaveDependencyOn(Database).GetTypes());
    }

    [Fact]
    public void The_mock_gateway_knows_nothing_of_the_system_that_it_tests() =>
        Assert.DoesNotContain(Services.Single(s => s.GetName().Name == "Polling.MockGateway").GetReferencedAssemblies(), r => r.Name == Core.GetName().Name);

    [Fact]
    public void Services_share_code_only_through_the_core_and_the_defaults()
    {
        string[] shared = ["Polling.Core", "Polling.ServiceDefaults"];
        Assert.All(Services, service => Assert.All(
            service.GetReferencedAssemblies().Where(r => r.Name!.StartsWith("Polling.", StringComparison.Ordinal)),
            reference => Assert.Contains(reference.Name, shared)));
    }

    [Fact]
    public void Only_executors_talk_to_carriers() =>
        Holds(Types.InAssemblies(Services.Where(s => s.GetName().Name is "Polling.Scheduler" or "Polling.AdminApi"))
            .ShouldNot().HaveDependencyOn("System.Net.Http.HttpClient"));

    private static void Holds(ConditionList rule)
    {
        var result = rule.GetResult();
        Assert.True(result.IsSuccessful, "These cross the boundary: " + string.Join(", ", result.FailingTypeNames ?? []));
    }
}
