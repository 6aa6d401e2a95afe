using System.Globalization;
using Polling.Benchmarks.Figures;
using Polling.Benchmarks.Units;

namespace Polling.Benchmarks.Scenarios;

/// <summary>What was counted besides the samples.</summary>
/// <param name="PrepareSeconds">Servers, cards, last checks.</param>
/// <param name="InitialisationSeconds">From the start of the programs until every card was loaded.</param>
/// <param name="UsageRecords">Rows of usage that PostgreSQL took in the measured time.</param>
/// <param name="DatabaseBytes">Size of the database at the end.</param>
/// <param name="AccountsOverQuota">Accounts of which the gateway admitted more calls in any second than their quota.</param>
/// <param name="TelemetryBytes">Telemetry that was exported in all.</param>
internal sealed record RunCounts(
    double PrepareSeconds, double InitialisationSeconds, long UsageRecords, long DatabaseBytes, int AccountsOverQuota, long TelemetryBytes);

/// <summary>The figures of a run, beside the scenario's targets.</summary>
internal static class RunFigures
{
    private const string Checks = "checks_per_second";
    private const string Calls = "calls_per_second";
    private const string Success = "success_rate";
    private const string LatenessNotQuota = "lateness_p99_ms_not_quota";
    private const string Usage = "usage_records_per_second";
    private const string MemoryGrowth = "memory_growth";
    private const string OverQuota = "accounts_over_quota";
    private const string InitialisationSeconds = "initialisation_seconds";
    private const int WindowSeconds = 70;

    /// <summary>The figures that a scenario may have a target for. The first ones are lower limits, the others upper ones.</summary>
    public static IReadOnlyList<string> Targets { get; } = [Checks, Calls, Success, Usage, LatenessNotQuota, MemoryGrowth, OverQuota, InitialisationSeconds];

    /// <summary>The figures.</summary>
    public static IReadOnlyList<Figure> Of(Scenario scenario, IReadOnlyList<Sample> samples, RunCounts counts)
    {
        Sample[] measured = [.. samples.Where(sample => sample is { Phase: RunPhase.Measured, Error: null })];
        if (measured.Length < 2)
        {
            return [new Figure(Checks, null, "checks/s", Note: "fewer than two seconds could be sampled")];
        }

        // Windows of a minute that lie in the measured time, as far as there are any.
        Sample[] whole = [.. measured.Where(sample => sample.T - measured[0].T >= WindowSeconds)];
        var late = whole.Length > 0 ? whole : measured[^1..];
        var lateNote = whole.Length > 0 ? "the worst minute" : "the last minute, warm-up included: the measured time is short";
        var seconds = measured[^1].T - measured[0].T;
        var memory = Growth(measured);
        return
        [
            Lower(Checks, (measured[^1].Checks - measured[0].Checks) / seconds, "checks/s", Invariant($"mean of {seconds:F0} s; best 5 s {measured.Max(s => s.ChecksPerSecond):N0}")),
            Lower(Calls, (measured[^1].Calls - measured[0].Calls) / seconds, "calls/s"),
            Lower(Success, measured[^1].SuccessRate, "%", "of the last minute's checks"),
            Lower(Usage, counts.UsageRecords / seconds, "rows/s", "in PostgreSQL"),
            Report("lateness_p50_ms", late.Max(s => s.Lateness?.P50Ms), "ms", lateNote),
            Report("lateness_p99_ms", late.Max(s => s.Lateness?.P99Ms), "ms", lateNote),
            Upper(LatenessNotQuota, late.Max(s => s.LatenessNotQuota?.P99Ms), "ms", lateNote + "; of all causes but quota, never too small"),
            Report("due_max", measured.Max(s => s.Due), "cards", "due and not done, at once"),
            Upper(OverQuota, counts.AccountsOverQuota, "accounts", "by the gateway's ledger, in any second"),
            Upper(InitialisationSeconds, counts.InitialisationSeconds, "s", Invariant($"{samples.Max(s => s.Loaded):N0} cards loaded; servers and cards took {counts.PrepareSeconds:F0} s before")),
            Upper(MemoryGrowth, memory.Growth, "", $"{memory.Process}: its last third of the time to the third before; the largest of all .NET processes"),
            Report("redis_used", measured[^1].RedisUsedBytes, "bytes", HumanNumber.Bytes(measured[^1].RedisUsedBytes)),
            Report("database", counts.DatabaseBytes, "bytes", HumanNumber.Bytes(counts.DatabaseBytes)),
            Report("telemetry", counts.TelemetryBytes, "bytes", HumanNumber.Bytes(counts.TelemetryBytes) + " exported in all"),
            .. measured[^1].MemoryBytes.Select(process => Report(
                $"memory {process.Key}", measured.Max(s => s.MemoryBytes.GetValueOrDefault(process.Key)), "bytes",
                Invariant($"highest; at the end {HumanNumber.Bytes(process.Value)}, processor {measured.Average(s => s.CpuPercent.GetValueOrDefault(process.Key)):F0} % of a core"))),
        ];

        Figure Lower(string name, double? value, string unit, string note = "") => new(name, value, unit, Target(name), Note: note);
        Figure Upper(string name, double? value, string unit, string note = "") => new(name, value, unit, Target(name), AtMost: true, Note: note);
        static Figure Report(string name, double? value, string unit, string note) => new(name, value, unit, Note: note);
        double? Target(string name) => scenario.Targets.TryGetValue(name, out var target) ? target : null;
    }

    private static (string Process, double Growth) Growth(Sample[] measured)
    {
        string[] foreign = ["redis", "postgres", "kit"];
        var third = Math.Max(1, measured.Length / 3);
        var (before, last) = (measured[^Math.Min(measured.Length, 2 * third)..^third], measured[^third..]);
        return measured[^1].MemoryBytes.Keys.Except(foreign).Select(process => (process, Mean(last, process) / Mean(before, process))).MaxBy(growth => growth.Item2);

        static double Mean(Sample[] samples, string process) => samples.Length == 0 ? 1 : Math.Max(1, samples.Average(s => s.MemoryBytes.GetValueOrDefault(process)));
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
