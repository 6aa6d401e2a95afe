using System.Xml.Linq;
using Polling.Benchmarks.Reports;
using Polling.Benchmarks.Scenarios;
using Polling.Benchmarks.Words;

namespace Polling.Benchmarks.Tests.Reports;

public sealed class ReportTests : IDisposable
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";
    private readonly RecordedRun _run = new();

    public void Dispose() => _run.Dispose();

    [Fact]
    public void Charts_are_well_formed_and_stay_within_their_picture()
    {
        var files = ReportWriter.Write(_run.Folder);
        Assert.Equal(["report.md", "throughput.svg", "calls.svg", "lateness.svg", "permits.svg", "queues.svg", "memory.svg", "processor.svg"], files);
        foreach (var file in files.Skip(1))
        {
            var chart = XDocument.Load(Path.Combine(_run.Folder, file)).Root!;
            Assert.Equal(Svg + "svg", chart.Name);
            Assert.Contains("prefers-color-scheme: dark", chart.Element(Svg + "style")!.Value, StringComparison.Ordinal);
            var paths = chart.Elements(Svg + "path").Select(path => path.Attribute("d")!.Value).ToArray();
            Assert.NotEmpty(paths);
            Assert.All(paths, path =>
            {
                Assert.StartsWith("M", path, StringComparison.Ordinal);
                Assert.All(path.Split('M', 'L').Skip(1), point =>
                {
                    var at = point.Split(' ').Select(number => double.Parse(number, System.Globalization.CultureInfo.InvariantCulture)).ToArray();
                    Assert.InRange(at[0], 0, 880);
                    Assert.InRange(at[1], 0, 340);
                });
            });
        }
    }

    [Fact]
    public void Seconds_without_an_answer_are_a_gap()
    {
        ReportWriter.Write(_run.Folder);
        var checks = XDocument.Load(Path.Combine(_run.Folder, "throughput.svg")).Root!.Elements(Svg + "path").First().Attribute("d")!.Value;
        Assert.Equal(2, checks.Count(c => c == 'M'));
        var memory = XDocument.Load(Path.Combine(_run.Folder, "memory.svg")).Root!.Elements(Svg + "path").First().Attribute("d")!.Value;
        Assert.Equal(1, memory.Count(c => c == 'M'));
    }

    [Fact]
    public void The_report_has_figures_beside_targets_machine_date_and_command()
    {
        ReportWriter.Write(_run.Folder);
        var text = File.ReadAllText(Path.Combine(_run.Folder, "report.md"));
        string[] expected =
        [
            "# recorded", "| checks per second | 1,000 | checks/s | ≥ 900 | yes |", "| lateness p99 ms not quota | 800 | ms | ≤ 2,000 | yes |",
            "2026-01-02 03:04:05 UTC", "-- run recorded.json`", "2 cores (a processor), 8 GiB", "![Throughput: cards answered a second, mean of 5 s](throughput.svg)",
            "| memory executor-1 | 203 MiB |",
        ];
        Assert.All(expected, part => Assert.Contains(part, text, StringComparison.Ordinal));
    }

    [Fact]
    public void Figures_are_of_the_measured_time_and_of_minutes_within_it()
    {
        var figures = _run.Result.Figures.ToDictionary(figure => figure.Name);
        Assert.Equal(1_000, figures["checks_per_second"].Value);
        Assert.Equal(10, figures["calls_per_second"].Value);
        Assert.Equal(1_006.7, figures["usage_records_per_second"].Value!.Value, 0.1);
        Assert.Equal(90_000, figures["lateness_p99_ms"].Value);
        Assert.True(figures["memory_growth"].Met);
        Assert.InRange(figures["memory_growth"].Value!.Value, 1.0001, 1.01);
    }

    [Fact]
    public void Made_again_it_is_the_same()
    {
        ReportWriter.Write(_run.Folder);
        var once = File.ReadAllText(Path.Combine(_run.Folder, "report.md"));
        ReportWriter.Write(_run.Folder);
        Assert.Equal(once, File.ReadAllText(Path.Combine(_run.Folder, "report.md")));
        Assert.Equal(_run.Result.Figures, RunResult.Read(_run.Folder).Result.Figures);
    }

    [Theory]
    [InlineData("/nowhere")]
    [InlineData("")]
    public void A_folder_without_a_run_is_refused(string folder) =>
        Assert.StartsWith($"FOLDER is '{folder}'", Assert.Throws<WordException>(() => ReportWriter.Write(folder)).Message, StringComparison.Ordinal);

    [Fact]
    public void Samples_that_are_cut_off_are_refused()
    {
        File.AppendAllText(Path.Combine(_run.Folder, RunResult.SamplesFile), "{\"t\": 3");
        Assert.Contains(RunResult.SamplesFile, Assert.Throws<WordException>(() => ReportWriter.Write(_run.Folder)).Message, StringComparison.Ordinal);
    }
}
