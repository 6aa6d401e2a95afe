using Polling.Benchmarks.Scenarios;
using Polling.Benchmarks.Words;

namespace Polling.Benchmarks.Tests.Scenarios;

public class ScenarioFileTests
{
    public static TheoryData<string> CheckedIn => [.. Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "scenarios"), "*.json")];

    [Theory, MemberData(nameof(CheckedIn))]
    public void Every_scenario_that_is_checked_in_is_right_and_named_as_its_file(string file) =>
        Assert.Equal(Path.GetFileNameWithoutExtension(file), ScenarioFile.Read(file).Name);

    [Fact]
    public void What_is_not_said_is_as_in_the_contract()
    {
        var scenario = ScenarioFile.Parse("""{ "name": "plain" }""", "plain.json");
        Assert.Equal(new IntervalPart { RealNameMissingSeconds = 60, RealNameKnownSeconds = 3600, CardDataSeconds = 1800, CardDataAdaptiveMinSeconds = 300, PackageSeconds = 1800 }, scenario.Intervals);
        Assert.Equal((100, 100_000, 1000), (scenario.System.Permits, scenario.System.InitialisationBatch, scenario.System.InitialisationPauseMs));
        Assert.Equal(FleetStart.Steady, scenario.Fleet.Start);
        Assert.Null(scenario.Quotas.CallsPerSecond);
    }

    [Fact]
    public void All_that_can_be_said_is_read()
    {
        var scenario = ScenarioFile.Parse(
            """
            {
              // comments and trailing commas are fine
              "name": "all", "description": "d", "warm_up_seconds": 1, "duration_seconds": 9,
              "fleet": { "cards": 5, "accounts": 4, "seed": 3, "start": "overdue" },
              "quotas": { "calls_per_second": 1, "cards_per_call": 2, "max_in_flight": 3, "enforced": true },
              "intervals": { "realname_missing_seconds": 10, "realname_known_seconds": 0, "carddata_seconds": 60, "carddata_adaptive_min_seconds": 0, "package_seconds": 61 },
              "gateway": { "latency_ms_median": 0, "latency_sigma": 0.1, "latency_ms_max": 5, "faults": { "http_500": 0.5, "hang_seconds": 2 } },
              "system": { "executors": 3, "schedulers": 2, "calls_in_flight": 7, "permits": 8, "initialisation_batch": 1000, "initialisation_pause_ms": 0, "telemetry": false, "durable": false },
              "targets": { "checks_per_second": 10, "memory_growth": 1.05 },
            }
            """, "all.json");
        Assert.Equal(new FleetPart { Cards = 5, Accounts = 4, Seed = 3, Start = FleetStart.Overdue }, scenario.Fleet);
        Assert.Equal(new QuotaPart { CallsPerSecond = 1, CardsPerCall = 2, MaxInFlight = 3, Enforced = true }, scenario.Quotas);
        Assert.Equal(new IntervalPart { RealNameMissingSeconds = 10, RealNameKnownSeconds = 0, CardDataSeconds = 60, CardDataAdaptiveMinSeconds = 0, PackageSeconds = 61 }, scenario.Intervals);
        Assert.Equal(
            new SystemPart { Executors = 3, Schedulers = 2, CallsInFlight = 7, Permits = 8, InitialisationBatch = 1000, InitialisationPauseMs = 0, Telemetry = false, Durable = false },
            scenario.System);
        Assert.Equal((0, 0.1, 5), (scenario.Gateway.LatencyMsMedian, scenario.Gateway.LatencySigma, scenario.Gateway.LatencyMsMax));
        Assert.Equal(new Dictionary<string, double> { ["http_500"] = 0.5, ["hang_seconds"] = 2 }, scenario.Gateway.Faults);
        Assert.Equal(new Dictionary<string, double> { ["checks_per_second"] = 10, ["memory_growth"] = 1.05 }, scenario.Targets);
        Assert.Equal(("all", "d", 1, 9), (scenario.Name, scenario.Description, scenario.WarmUpSeconds, scenario.DurationSeconds));
    }

    [Theory]
    [InlineData("{}", "name is missing; it must be 1 to 60 of a-z, 0-9 and -")]
    [InlineData("""{ "name": "A b" }""", "name is \"A b\"; it must be 1 to 60 of a-z, 0-9 and -")]
    [InlineData("""{ "name": "x", "fleat": {} }""", "fleat is no field; there are: name, description, fleet, quotas, intervals, gateway, system, warm_up_seconds, duration_seconds, targets")]
    [InlineData("""{ "name": "x", "fleet": { "cards": 0 } }""", "fleet.cards is 0; it must be an integer from 1 to 10000000")]
    [InlineData("""{ "name": "x", "fleet": { "cards": "many" } }""", "fleet.cards is \"many\"; it must be an integer from 1 to 10000000")]
    [InlineData("""{ "name": "x", "fleet": 5 }""", "fleet is 5; it must be an object: {\"field\": value}")]
    [InlineData("""{ "name": "x", "fleet": { "start": "soon" } }""", "fleet.start is \"soon\"; it must be \"steady\", \"new\" or \"overdue\"")]
    [InlineData("""{ "name": "x", "gateway": { "latency_ms": 1 } }""", "gateway.latency_ms is no field; there are: latency_ms_median, latency_sigma, latency_ms_max, faults")]
    [InlineData("""{ "name": "x", "gateway": { "faults": { "http_500": 1.5 } } }""", "gateway.faults.http_500 is 1.5; it must be a number from 0 to 1")]
    [InlineData("""{ "name": "x", "gateway": { "faults": { "http_500": 0.6, "hang": 0.6 } } }""", "gateway.faults.(all shares together) is 1.2; it must be at most 1")]
    [InlineData("""{ "name": "x", "intervals": { "package_seconds": 30 } }""", "intervals.package_seconds is 30; it must be 0 (off) or an integer from 60 to 2592000")]
    [InlineData("""{ "name": "x", "intervals": { "carddata_seconds": 60 } }""", "intervals.carddata_adaptive_min_seconds is 300; it must be 0 (a fixed interval) or at most carddata_seconds, 60")]
    [InlineData("""{ "name": "x", "system": { "durable": "yes" } }""", "system.durable is \"yes\"; it must be true or false")]
    [InlineData("""{ "name": "x", "targets": { "speed": 1 } }""", "targets.speed is no field; there are: checks_per_second,")]
    [InlineData("""{ "name": "x", "duration_seconds": 1 }""", "duration_seconds is 1; it must be an integer from 5 to 86400")]
    [InlineData("[]", "x.json holds Array; it must hold an object")]
    [InlineData("{ \"name\": \"x\",\n \"fleet\": }", "x.json is no JSON (line 2)")]
    public void What_is_wrong_is_named_with_what_would_be_right(string json, string message)
    {
        var refused = Assert.Throws<WordException>(() => ScenarioFile.Parse(json, "x.json"));
        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
        Assert.Equal(WordException.WrongInput, refused.ExitCode);
        Assert.DoesNotContain('\n', refused.Message);
    }

    [Fact]
    public void All_mistakes_are_told_at_once()
    {
        var message = Assert.Throws<WordException>(() => ScenarioFile.Parse("""{ "name": "x", "foo": 1, "fleet": { "cards": 0, "bar": 2 } }""", "x.json")).Message;
        Assert.All(new[] { "fleet.cards", "fleet.bar", "foo is no field" }, part => Assert.Contains(part, message, StringComparison.Ordinal));
    }

    [Fact]
    public void A_file_that_is_not_there_is_named() =>
        Assert.StartsWith("SCENARIO.json is '/nowhere/x.json'", Assert.Throws<WordException>(() => ScenarioFile.Read("/nowhere/x.json")).Message, StringComparison.Ordinal);
}
