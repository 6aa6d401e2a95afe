using System.Globalization;
using System.Text;
using System.Xml;
using Polling.Benchmarks.Scenarios;
using Polling.Benchmarks.Units;

namespace Polling.Benchmarks.Reports;

/// <summary>Writes a run's report into its folder: Markdown, and its charts as SVG.</summary>
internal static class ReportWriter
{
    public const string ReportFile = "report.md";

    /// <summary>Writes it.</summary>
    /// <returns>The files.</returns>
    /// <exception cref="Words.WordException">The folder holds no run.</exception>
    public static IReadOnlyList<string> Write(string folder)
    {
        var (result, samples) = RunResult.Read(folder);
        if (samples.Count == 0)
        {
            throw new Words.WordException($"FOLDER is '{folder}'; its {RunResult.SamplesFile} is empty, so there is nothing to draw.");
        }

        var charts = RunCharts.Of(result, samples);
        var files = new List<string>();
        foreach (var (file, chart) in charts)
        {
            files.Add(file + ".svg");
            using var writer = XmlWriter.Create(Path.Combine(folder, files[^1]), new XmlWriterSettings { Indent = true, OmitXmlDeclaration = true, Encoding = new UTF8Encoding(false) });
            ChartSvg.Draw(chart).Save(writer);
        }

        File.WriteAllText(Path.Combine(folder, ReportFile), Markdown(result, charts));
        return [ReportFile, .. files];
    }

    private static string Markdown(RunResult result, IReadOnlyList<(string File, Chart Chart)> charts)
    {
        var scenario = result.Scenario;
        var text = new StringBuilder();
        Line($"# {scenario.Name}");
        Line($"");
        if (scenario.Description.Length > 0)
        {
            Line($"{scenario.Description}");
            Line($"");
        }

        Line($"| | |");
        Line($"|---|---|");
        Line($"| when | {result.StartedAt:yyyy-MM-dd HH:mm:ss 'UTC'}, {HumanTime.Of((result.EndedAt - result.StartedAt).TotalSeconds)}; measured: {HumanTime.Of(scenario.DurationSeconds)} after {HumanTime.Of(scenario.WarmUpSeconds)} of warm-up |");
        Line($"| command | `dotnet run -c Release --project benchmarks/Polling.Benchmarks -- {result.Command}` |");
        Line($"| machine | {Cell(result.Machine.ToString())}; everything on it, gateway included |");
        Line($"| fleet | {scenario.Fleet.Cards:N0} cards, {Quotas(scenario.Quotas)} |");
        Line($"| system | {Count(scenario.System.Executors, "executor")} with {scenario.System.CallsInFlight} calls in flight each, {Count(scenario.System.Schedulers, "scheduler")}, {scenario.System.Permits} permits a task; telemetry {(scenario.System.Telemetry ? "exported" : "off")}; PostgreSQL {(scenario.System.Durable ? "durable, Redis with append-only file" : "without fsync, Redis in memory only")} |");
        Line($"| gateway | {Gateway(scenario.Gateway)} |");
        Line($"");
        Line($"| figure | value | unit | target | met | |");
        Line($"|---|---:|---|---:|---|---|");
        foreach (var figure in result.Figures)
        {
            var met = figure.Met switch { true => "yes", false => "**no**", null => "" };
            var target = figure.Target is { } limit ? (figure.AtMost ? "≤ " : "≥ ") + HumanNumber.Of(limit) : "";
            var isBytes = figure.Unit == "bytes";
            Line($"| {figure.Name.Replace('_', ' ')} | {(figure.Value is { } value ? isBytes ? HumanNumber.Bytes(value) : HumanNumber.Of(value) : "-")} | {(isBytes ? "" : figure.Unit)} | {target} | {met} | {Cell(figure.Note)} |");
        }

        foreach (var (file, chart) in charts)
        {
            Line($"");
            Line($"![{chart.Title}: {chart.Unit}]({file}.svg)");
        }

        Line($"");
        Line($"Grey: not measured yet. Samples, one a second: [{RunResult.SamplesFile}]({RunResult.SamplesFile}); the scenario and all figures: [{RunResult.ResultFile}]({RunResult.ResultFile}).");
        return text.ToString();

        void Line(FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
    }

    private static string Quotas(QuotaPart quotas) => string.Join(", ", new[]
    {
        quotas.CallsPerSecond is { } calls ? $"{HumanNumber.Of(calls)} calls/s an account" : "quotas as realistic for each account's size",
        quotas.CardsPerCall is { } cards ? Count(cards, "card") + " a call" : "50 or 100 cards a call",
        quotas.Enforced ? "enforced by the gateway" : "not enforced by the gateway",
    });

    private static string Gateway(GatewayPart gateway) =>
        (gateway.LatencyMsMedian > 0 ? $"answers in {ChartAxis.Duration(gateway.LatencyMsMedian)} (median, log-normal)" : "answers at once")
        + (gateway.Faults.Count == 0 ? ", no faults" : ", faults: " + string.Join(", ", gateway.Faults.Select(fault => FormattableString.Invariant($"{fault.Key} {fault.Value}"))));

    private static string Count(int count, string what) => count == 1 ? $"1 {what}" : $"{count} {what}s";

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal).Replace('\n', ' ');
}
