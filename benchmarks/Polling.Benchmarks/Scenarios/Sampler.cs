using System.Globalization;
using System.Text.Json;
using Polling.Benchmarks.Api;
using Polling.Benchmarks.Processes;

namespace Polling.Benchmarks.Scenarios;

/// <summary>Looks at a running system once a second and writes a line for each look.</summary>
internal sealed class Sampler(BenchmarkSystem system, PollingApi api, StreamWriter output) : IDisposable
{
    private const string Today = "today";
    private const string Quota = "quota";

    // Counts come to the API in lumps of a second: over a single one a rate would jump between nothing and twice as much.
    private const double RateSeconds = 5;

    // A look that takes longer is told as one that failed: the system is what is measured, not waited for.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private readonly DateTimeOffset _from = DateTimeOffset.UtcNow;
    private readonly ProcessMeter _meter = new();
    private readonly Queue<Sample> _recent = [];

    /// <summary>Looks.</summary>
    /// <param name="phase">One of <see cref="RunPhase"/>.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<Sample> TakeAsync(string phase, CancellationToken cancellation)
    {
        var now = DateTimeOffset.UtcNow;
        var sample = new Sample { T = Math.Round((now - _from).TotalSeconds, 2), At = now, Phase = phase };
        sample = Measure(sample, now);
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            patience.CancelAfter(Patience);
            sample = Told(sample, await api.GetAsync<Overview>("polling-stats", patience.Token)) with { RedisUsedBytes = await RedisUsedAsync() };
            _recent.Enqueue(sample);
        }
        catch (ApiException e)
        {
            sample = sample with { Error = e.Message };
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            sample = sample with { Error = $"The API has not answered for {Patience.TotalSeconds:F0} s." };
        }

        await output.WriteLineAsync(JsonSerializer.Serialize(sample, PollingApi.Json));
        return sample;
    }

    public void Dispose() => output.Dispose();

    private Sample Told(Sample sample, Overview overview)
    {
        var today = overview.Tasks.Select(task => task.Windows.FirstOrDefault(window => window.Window == Today)).OfType<WindowFigures>().ToArray();
        var minutes = overview.Tasks.Select(task => task.Minute).OfType<WindowFigures>().ToArray();
        var causes = minutes.SelectMany(minute => minute.LatenessByCause).GroupBy(cause => cause.Key, cause => cause.Value)
            .ToDictionary(cause => cause.Key, cause => LatenessMix.Of(cause));
        var (checks, calls, total) = (today.Sum(window => window.Total), today.Sum(window => window.Calls), minutes.Sum(minute => minute.Total));
        while (_recent.Count > 1 && sample.T - _recent.ElementAt(1).T >= RateSeconds)
        {
            _recent.Dequeue();
        }

        var before = _recent.TryPeek(out var first) ? first : null;
        return sample with
        {
            Initialisation = overview.Initialisation.State,
            Loaded = overview.Initialisation.Loaded,
            Scheduled = overview.Queues.Sum(queue => queue.Scheduled),
            Due = overview.Queues.Sum(queue => queue.DueTotal),
            Queued = overview.Queues.Sum(queue => queue.QueueLength),
            Leased = overview.Queues.Sum(queue => queue.Leased),
            DueByCause = overview.Queues.SelectMany(queue => queue.DueByCause).GroupBy(cause => cause.Key).ToDictionary(cause => cause.Key, cause => cause.Sum(c => c.Value)),
            Checks = checks,
            Calls = calls,

            // At midnight they begin again.
            ChecksPerSecond = before is not null && checks >= before.Checks ? Math.Round((checks - before.Checks) / (sample.T - before.T), 1) : null,
            CallsPerSecond = before is not null && calls >= before.Calls ? Math.Round((calls - before.Calls) / (sample.T - before.T), 1) : null,
            SuccessRate = total == 0 ? null : Math.Round(100.0 * minutes.Sum(minute => minute.Success) / total, 3),
            Permits = overview.Tasks.ToDictionary(task => task.TaskType, task => new PermitSample(task.ConcurrencyCurrent, task.ConcurrencyMax)),
            Lateness = LatenessMix.Of(causes.Values),
            LatenessByCause = causes,
            LatenessNotQuota = LatenessMix.Of(causes.Where(cause => cause.Key != Quota).Select(cause => cause.Value)),
        };
    }

    private Sample Measure(Sample sample, DateTimeOffset now)
    {
        (string Name, int Id)[] processes =
        [
            .. system.Processes.Running.Select(running => (running.Name, running.Process.Id)), ("redis", system.RedisServer.Pid), ("postgres", system.PostgresPid),
            ("kit", Environment.ProcessId),
        ];
        return sample with
        {
            MemoryBytes = processes.ToDictionary(p => p.Name, p => ProcessMeter.MemoryBytes(p.Id, withChildren: p.Name == "postgres")),
            CpuPercent = processes.Select(p => (p.Name, Percent: _meter.CpuPercent(p.Name, p.Id, now, withChildren: p.Name == "postgres")))
                .Where(p => p.Percent is not null).ToDictionary(p => p.Name, p => p.Percent!.Value),
        };
    }

    private async Task<long> RedisUsedAsync() =>
        (await system.RedisInfo.InfoAsync("memory")).SelectMany(section => section).FirstOrDefault(field => field.Key == "used_memory").Value is { } bytes
            ? long.Parse(bytes, CultureInfo.InvariantCulture) : 0;
}
