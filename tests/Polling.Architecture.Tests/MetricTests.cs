using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Polling.Core.Telemetry;
using YamlDotNet.Serialization;

namespace Polling.Architecture.Tests;

/// <summary>What the documents and the alert rules say of metrics is true of those that the code defines.</summary>
public partial class MetricTests
{
    [Fact]
    public void Every_instrument_is_in_the_docs_with_its_kind_and_unit() =>
        Assert.Equal(
            Instruments().Select(instrument => $"{instrument.Name} {KindOf(instrument)} {instrument.Unit}").Order(StringComparer.Ordinal),
            TableRow().Matches(Repository.Read("docs/telemetry.md"))
                .Select(row => $"{row.Groups["name"]} {row.Groups["kind"]} {row.Groups["unit"]}").Order(StringComparer.Ordinal));

    [Fact]
    public void Every_alert_rule_is_about_metrics_that_exist()
    {
        var file = new DeserializerBuilder().Build().Deserialize<RuleFile>(Repository.Read("deploy/prometheus/alerts.yml"));
        var rules = file.groups.SelectMany(group => group.rules).ToArray();
        var series = Instruments().SelectMany(SeriesOf).ToHashSet();

        Assert.NotEmpty(rules);
        Assert.Equal(rules.Length, rules.Select(rule => rule.alert).Distinct().Count());
        Assert.All(rules, rule =>
        {
            Assert.Contains(rule.labels["severity"], new[] { "warning", "critical" });
            Assert.NotEmpty(rule.annotations["summary"]);
            Assert.Contains("polling_", rule.expr, StringComparison.Ordinal);
            Assert.All(Series().Matches(rule.expr + rule.annotations["summary"]), name => Assert.Contains(name.Value, series));
        });
    }

    private static List<Instrument> Instruments()
    {
        using var services = new ServiceCollection().AddMetrics().AddPollingTelemetry().BuildServiceProvider();
        var found = new List<Instrument>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter.Name == PollingTelemetry.Name)
                {
                    found.Add(instrument);
                }
            },
        };
        listener.Start();
        services.GetRequiredService<PollingInstruments>();
        return found;
    }

    private static string KindOf(Instrument instrument) => instrument switch
    {
        Counter<long> => "counter",
        Histogram<double> => "histogram",
        _ => "gauge",
    };

    // As Prometheus names what comes by OTLP: units in braces are left out.
    private static IEnumerable<string> SeriesOf(Instrument instrument)
    {
        var name = instrument.Name.Replace('.', '_') + (instrument.Unit == "s" ? "_seconds" : "");
        return KindOf(instrument) switch
        {
            "counter" => [name + "_total"],
            "histogram" => [name + "_bucket", name + "_sum", name + "_count"],
            _ => [name],
        };
    }

    [GeneratedRegex(@"^\| `(?<name>polling\.[a-z_.]+)` \| (?<kind>[a-z]+), (?<unit>[^ ]+) \| [^|]*\| [^|]+ \|$", RegexOptions.Multiline)]
    private static partial Regex TableRow();

    [GeneratedRegex("polling_[a-z_]+")]
    private static partial Regex Series();

#pragma warning disable IDE1006, CA1034, CA1819 // As they stand in the file.
    public sealed class RuleFile
    {
        public required Group[] groups { get; init; }
    }

    public sealed class Group
    {
        public required string name { get; init; }

        public required Rule[] rules { get; init; }
    }

    public sealed class Rule
    {
        public required string alert { get; init; }

        public required string expr { get; init; }

        public required string @for { get; init; }

        public required Dictionary<string, string> labels { get; init; }

        public required Dictionary<string, string> annotations { get; init; }
    }
#pragma warning restore IDE1006, CA1034, CA1819
}
