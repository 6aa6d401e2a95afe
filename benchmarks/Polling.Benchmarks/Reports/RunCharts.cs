using Polling.Benchmarks.Scenarios;
using Polling.Benchmarks.Units;

namespace Polling.Benchmarks.Reports;

/// <summary>The charts of a run.</summary>
internal static class RunCharts
{
    /// <summary>File name without ending, and chart.</summary>
    public static IReadOnlyList<(string File, Chart Chart)> Of(RunResult result, IReadOnlyList<Sample> samples)
    {
        double[] times = [.. samples.Select(sample => sample.T)];
        var stretches = Stretches(samples);
        string[] processes = [.. samples.SelectMany(sample => sample.MemoryBytes.Keys).Distinct()];
        string[] tasks = [.. samples.SelectMany(sample => sample.Permits.Keys).Distinct()];
        var targets = result.Scenario.Targets;
        return
        [
            ("throughput", Chart(
                "Throughput", "cards answered a second, mean of 5 s", values => ChartAxis.Linear(values, HumanNumber.Of),
                [new("checks/s", Values(sample => sample.ChecksPerSecond)), .. Limit("checks_per_second", "target")])),
            ("calls", Chart(
                "Gateway calls", "calls a second, mean of 5 s", values => ChartAxis.Linear(values, HumanNumber.Of),
                [new("calls/s", Values(sample => sample.CallsPerSecond)), .. Limit("calls_per_second", "target")])),
            ("lateness", Chart(
                "Lateness", "from due time to call, of the last minute, logarithmic", ChartAxis.LogarithmicMs,
                [
                    new("p50", Values(sample => sample.Lateness?.P50Ms)), new("p95", Values(sample => sample.Lateness?.P95Ms)), new("p99", Values(sample => sample.Lateness?.P99Ms)),
                    new("p99 not caused by quota", Values(sample => sample.LatenessNotQuota?.P99Ms)), .. Limit("lateness_p99_ms_not_quota", "target, not caused by quota"),
                ])),
            ("permits", Chart(
                "Permits", "gateway calls that hold one, by task", values => ChartAxis.Linear(values, HumanNumber.Of),
                [.. tasks.Select(task => new ChartSeries(task, Values(sample => sample.Permits.TryGetValue(task, out var permits) ? permits.Used : null))),
                    new("limit of each", Values(sample => sample.Permits.Values.Max(permits => (double?)permits.Limit)), IsLimit: true)])),
            ("queues", Chart(
                "Cards that wait", "due and not done, admitted, being asked about", values => ChartAxis.Linear(values, HumanNumber.Of),
                [new("due", Told(sample => sample.Due)), new("queued", Told(sample => sample.Queued)), new("leased", Told(sample => sample.Leased))])),
            ("memory", Chart(
                "Memory", "resident, by process; what PostgreSQL's processes share counts once", ChartAxis.Bytes,
                [.. processes.Select(process => new ChartSeries(process, Values(sample => sample.MemoryBytes.TryGetValue(process, out var bytes) ? bytes : null)))])),
            ("processor", Chart(
                "Processor", $"per cent of one core, by process; the machine has {result.Machine.Cores}", values => ChartAxis.Linear(values, percent => $"{HumanNumber.Of(percent)} %"),
                [.. processes.Select(process => new ChartSeries(process, Values(sample => sample.CpuPercent.TryGetValue(process, out var percent) ? percent : null)))])),
        ];

        double?[] Values(Func<Sample, double?> of) => [.. samples.Select(of)];
        double?[] Told(Func<Sample, long> of) => [.. samples.Select(sample => sample.Error is null ? of(sample) : (double?)null)];
        IEnumerable<ChartSeries> Limit(string target, string name) =>
            targets.TryGetValue(target, out var value) ? [new ChartSeries(name, Values(_ => value), IsLimit: true)] : [];
        Chart Chart(string title, string unit, Func<IEnumerable<double>, ChartAxis> axis, IReadOnlyList<ChartSeries> series)
        {
            var values = series.SelectMany(line => line.Values).OfType<double>();
            return new(title, unit, times, series, axis(values), stretches);
        }
    }

    // What comes before the measured time.
    private static IReadOnlyList<ChartStretch> Stretches(IReadOnlyList<Sample> samples)
    {
        var names = new Dictionary<string, string> { [RunPhase.Boot] = "loading", [RunPhase.WarmUp] = "warm-up" };
        return
        [
            .. samples.Select((sample, i) => (sample.Phase, From: sample.T, To: i + 1 < samples.Count ? samples[i + 1].T : sample.T))
                .GroupBy(stretch => stretch.Phase).Where(phase => names.ContainsKey(phase.Key))
                .Select(phase => new ChartStretch(names[phase.Key], phase.Min(s => s.From), phase.Max(s => s.To))),
        ];
    }
}
