namespace Polling.Benchmarks.Scenarios;

/// <summary>How the cards stand when polling begins.</summary>
internal enum FleetStart
{
    /// <summary>All were asked before: from the moment that they are loaded they are due evenly, each at its interval.</summary>
    Steady,

    /// <summary>None was ever asked: all are due in the first minute.</summary>
    New,

    /// <summary>All are long due.</summary>
    Overdue,
}

/// <summary>A load, and how the system is set up that carries it. As its file says: docs/benchmarks.md.</summary>
internal sealed record Scenario
{
    public required string Name { get; init; }

    public string Description { get; init; } = "";

    public FleetPart Fleet { get; init; } = new();

    public QuotaPart Quotas { get; init; } = new();

    public IntervalPart Intervals { get; init; } = new();

    public GatewayPart Gateway { get; init; } = new();

    public SystemPart System { get; init; } = new();

    /// <summary>Before anything is measured, from the moment that all cards are loaded and due, s.</summary>
    public int WarmUpSeconds { get; init; } = 15;

    /// <summary>Measured, s.</summary>
    public int DurationSeconds { get; init; } = 60;

    /// <summary>What figures must reach, or must not exceed; by the figure's name.</summary>
    public IReadOnlyDictionary<string, double> Targets { get; init; } = new Dictionary<string, double>();
}

internal sealed record FleetPart
{
    public int Cards { get; init; } = 100_000;

    /// <summary>Null = as many as the word cards takes.</summary>
    public int? Accounts { get; init; }

    public int Seed { get; init; } = 1;

    public FleetStart Start { get; init; } = FleetStart.Steady;
}

/// <summary>What every account may do; null = what is realistic for its size.</summary>
internal sealed record QuotaPart
{
    public int? CallsPerSecond { get; init; }

    public int? CardsPerCall { get; init; }

    public int? MaxInFlight { get; init; }

    /// <summary>Whether the gateway refuses what is over the quota.</summary>
    public bool Enforced { get; init; }
}

/// <summary>Intervals, s; 0 = not polled. The contract's unless said otherwise.</summary>
internal sealed record IntervalPart
{
    public int RealNameMissingSeconds { get; init; } = 60;

    public int RealNameKnownSeconds { get; init; } = 3600;

    public int CardDataSeconds { get; init; } = 1800;

    /// <summary>0 = the interval is fixed.</summary>
    public int CardDataAdaptiveMinSeconds { get; init; } = 300;

    public int PackageSeconds { get; init; } = 1800;
}

internal sealed record GatewayPart
{
    /// <summary>Half of the answers are faster, ms; 0 = it answers at once.</summary>
    public double LatencyMsMedian { get; init; } = 40;

    public double LatencySigma { get; init; } = 0.5;

    public double LatencyMsMax { get; init; } = 2000;

    /// <summary>Shares of calls, 0 to 1, by the mock gateway's names; hang_seconds too.</summary>
    public IReadOnlyDictionary<string, double> Faults { get; init; } = new Dictionary<string, double>();
}

internal sealed record SystemPart
{
    public int Executors { get; init; } = 2;

    public int Schedulers { get; init; } = 1;

    /// <summary>Of each executor and task type.</summary>
    public int CallsInFlight { get; init; } = 100;

    /// <summary>Of each task type, in all executors.</summary>
    public int Permits { get; init; } = 100;

    public int InitialisationBatch { get; init; } = 100_000;

    public int InitialisationPauseMs { get; init; } = 1000;

    /// <summary>Whether traces (one call in a hundred), metrics and logs are exported, as in production.</summary>
    public bool Telemetry { get; init; } = true;

    /// <summary>Whether PostgreSQL waits for the disk and Redis keeps an append-only file.</summary>
    public bool Durable { get; init; } = true;
}
