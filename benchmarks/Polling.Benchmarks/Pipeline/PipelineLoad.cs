using Polling.Benchmarks.Scenarios;

namespace Polling.Benchmarks.Pipeline;

/// <summary>The load of rows with the whole system, as in production: durable servers, telemetry exported, one scheduler. Real names, one card a call, all overdue.</summary>
internal static class PipelineLoad
{
    /// <summary>Calls of each executor.</summary>
    public const int CallsInFlight = 100;

    // More is due than can be done, always. A card is due again half of that after its check at the earliest: no turn sees it twice.
    private const int IntervalSeconds = 60;

    // No account comes near it: work never waits for a quota. Two seconds of it are admitted, so promotion goes on as long as calls are claimed and not longer.
    private const int CallsPerSecond = 2_000;
    private const int MaxInFlight = 1_000;
    private static readonly TimeSpan BootPatience = TimeSpan.FromMinutes(4);

    /// <summary>Brings the system up until all cards are loaded; no executor runs yet.</summary>
    /// <param name="cards">How many.</param>
    /// <param name="permits">Of all executors.</param>
    /// <param name="latencyMs">Of each answer; 0 = at once.</param>
    /// <exception cref="TimeoutException">The cards were not loaded in time.</exception>
    public static async Task<ScenarioSystem> StartAsync(int cards, int permits, int latencyMs)
    {
        var scenario = new Scenario
        {
            Name = "pipeline",
            Fleet = new FleetPart { Cards = cards, Start = FleetStart.Overdue },
            Intervals = new IntervalPart { RealNameMissingSeconds = IntervalSeconds, RealNameKnownSeconds = IntervalSeconds, CardDataSeconds = 0, PackageSeconds = 0 },
            Quotas = new QuotaPart { CallsPerSecond = CallsPerSecond, CardsPerCall = 1, MaxInFlight = MaxInFlight },
            Gateway = new GatewayPart { LatencyMsMedian = latencyMs, LatencySigma = 0 },
            System = new SystemPart { CallsInFlight = CallsInFlight, Permits = permits },
        };
        var system = await ScenarioSystem.PrepareAsync(scenario, _ => { }, CancellationToken.None);
        try
        {
            await system.StartAllButExecutorsAsync(CancellationToken.None);
            await system.System.UntilInitialisedAsync(BootPatience);
            return system;
        }
        catch
        {
            await system.DisposeAsync();
            throw;
        }
    }
}
