using Polling.Benchmarks.Api;

namespace Polling.Benchmarks.Scenarios;

/// <summary>Phases of a run.</summary>
internal static class RunPhase
{
    /// <summary>Cards are loaded, or not due yet.</summary>
    public const string Boot = "boot";

    public const string WarmUp = "warm_up";

    public const string Measured = "measured";
}

/// <summary>What was seen in a second of a run; a line of <c>samples.jsonl</c>. Lateness and success are of the last minute, the rest of now.</summary>
internal sealed record Sample
{
    /// <summary>From the start of the programs, s.</summary>
    public required double T { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>One of <see cref="RunPhase"/>.</summary>
    public required string Phase { get; init; }

    /// <summary>Why the API did not tell; the figures of the system lack then.</summary>
    public string? Error { get; init; }

    public string Initialisation { get; init; } = "";

    public long Loaded { get; init; }

    public long Scheduled { get; init; }

    public long Due { get; init; }

    public long Queued { get; init; }

    public long Leased { get; init; }

    public IReadOnlyDictionary<string, long> DueByCause { get; init; } = new Dictionary<string, long>();

    /// <summary>Ended since the day began.</summary>
    public long Checks { get; init; }

    public long Calls { get; init; }

    /// <summary>In the last 5 s.</summary>
    public double? ChecksPerSecond { get; init; }

    public double? CallsPerSecond { get; init; }

    /// <summary>%.</summary>
    public double? SuccessRate { get; init; }

    /// <summary>By task type.</summary>
    public IReadOnlyDictionary<string, PermitSample> Permits { get; init; } = new Dictionary<string, PermitSample>();

    public Spread? Lateness { get; init; }

    public IReadOnlyDictionary<string, Spread> LatenessByCause { get; init; } = new Dictionary<string, Spread>();

    /// <summary>Of all causes but quota; never too small.</summary>
    public Spread? LatenessNotQuota { get; init; }

    /// <summary>By process. PostgreSQL: the memory of all its processes, what they share counted once.</summary>
    public IReadOnlyDictionary<string, long> MemoryBytes { get; init; } = new Dictionary<string, long>();

    /// <summary>By process; 100 = one core.</summary>
    public IReadOnlyDictionary<string, double> CpuPercent { get; init; } = new Dictionary<string, double>();

    /// <summary>What Redis says that its data takes.</summary>
    public long RedisUsedBytes { get; init; }
}

/// <summary>Permits of a task type.</summary>
internal sealed record PermitSample(long Used, long? Limit);
