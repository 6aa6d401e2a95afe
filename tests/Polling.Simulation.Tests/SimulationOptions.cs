namespace Polling.Simulation.Tests;

/// <summary>How the simulated system is set. Times that idle processes wait are longer than the real ones, for the wall time's sake.</summary>
internal sealed record SimulationOptions
{
    public int Executors { get; init; } = 3;

    public int Schedulers { get; init; } = 2;

    public int CallsInFlight { get; init; } = 30;

    public int Permits { get; init; } = 40;

    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(30);

    public TimeSpan TotalTimeout { get; init; } = TimeSpan.FromSeconds(15);

    public TimeSpan AttemptTimeout { get; init; } = TimeSpan.FromSeconds(12);

    public TimeSpan Margin { get; init; } = TimeSpan.FromSeconds(3);

    public TimeSpan RenewFor { get; init; } = TimeSpan.FromMinutes(10);

    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(30);

    public TimeSpan Permit => TotalTimeout + Margin;

    public int ReservedPercent { get; init; } = 10;

    /// <summary>An executor looks for work without a signal; the real one after 1 s.</summary>
    public TimeSpan ExecutorIdle { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// A scheduler looks for due cards without a signal; the real one after 0.5 s. What it would find so soon, calls that were
    /// returned or failed, is signalled here.
    /// </summary>
    public TimeSpan SchedulerIdle { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Epoch, configuration and figures; the real one every second. A change of any is noticed within a second here, too.</summary>
    public TimeSpan GaugeEvery { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Pause between rounds of the audit; the real one 2 s.</summary>
    public TimeSpan AuditEvery { get; init; } = TimeSpan.FromSeconds(60);

    public TimeSpan AuditMissing { get; init; } = TimeSpan.FromSeconds(31);

    /// <summary>From grant to arrival at the carrier, at most, ms.</summary>
    public int TransitMsMax { get; init; } = 40;

    public int LatencyMsMin { get; init; } = 30;

    public int LatencyMsMax { get; init; } = 400;
}
