using System.Text.Json;
using Polling.Benchmarks.Api;
using Polling.Benchmarks.Scenarios;

namespace Polling.Benchmarks.Tests.Reports;

/// <summary>A folder as the word run leaves it: 200 s of a made-up run, with seconds in which the API was away.</summary>
internal sealed class RecordedRun : IDisposable
{
    private const int Seconds = 200;
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("polling-report-");

    public RecordedRun(string description = "A run | made up.")
    {
        var scenario = new Scenario
        {
            Name = "recorded",
            Description = description,
            DurationSeconds = 150,
            Targets = new Dictionary<string, double> { ["checks_per_second"] = 900, ["lateness_p99_ms_not_quota"] = 2000, ["memory_growth"] = 1.05 },
        };
        Samples = [.. Enumerable.Range(0, Seconds).Select(Sample)];
        File.WriteAllLines(Path.Combine(Folder, RunResult.SamplesFile), Samples.Select(sample => JsonSerializer.Serialize(sample, PollingApi.Json)));
        var counts = new RunCounts(2, 20, 150_000, 1 << 30, 0, 1 << 20);
        Result = new RunResult(
            scenario, "run recorded.json", new MachineFacts(2, "a processor", 8L << 30, "an OS", ".NET"), Start, Start.AddSeconds(Seconds), counts,
            RunFigures.Of(scenario, Samples, counts));
        Result.WriteAsync(Folder, CancellationToken.None).GetAwaiter().GetResult();
    }

    public string Folder => _folder.FullName;

    public IReadOnlyList<Sample> Samples { get; }

    public RunResult Result { get; }

    public void Dispose() => _folder.Delete(recursive: true);

    private static Sample Sample(int second)
    {
        var sample = new Sample
        {
            T = second,
            At = Start.AddSeconds(second),
            Phase = second < 20 ? RunPhase.Boot : second < 50 ? RunPhase.WarmUp : RunPhase.Measured,
            MemoryBytes = new Dictionary<string, long> { ["executor-1"] = (200L + (second / 50)) << 20, ["redis"] = 50L << 20 },
            CpuPercent = new Dictionary<string, double> { ["executor-1"] = 80 + second % 7, ["redis"] = 12.5 },
        };
        return second is >= 100 and < 105 ? sample with { Error = "The API is away." } : sample with
        {
            Initialisation = second < 20 ? "running" : "done",
            Loaded = Math.Min(second, 20) * 5_000,
            Due = 10 * second,
            Checks = 1_000L * second,
            Calls = 10L * second,
            ChecksPerSecond = second == 0 ? null : 1_000,
            CallsPerSecond = second == 0 ? null : 10,
            SuccessRate = 99.9,
            RedisUsedBytes = 40L << 20,
            Permits = new Dictionary<string, PermitSample> { ["realname"] = new(second % 10, 100), ["carddata"] = new(3, 100) },
            Lateness = new Spread(60_000, 1, 200, second == 150 ? 90_000 : 900),
            LatenessNotQuota = new Spread(50_000, 1, 100, 800),
        };
    }
}
