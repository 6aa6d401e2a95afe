using System.Text.Json.Serialization;
using Polling.MockGateway.PassThrough;

namespace Polling.MockGateway.Control;

/// <summary>How the gateway behaves; an immutable value that a PUT replaces as a whole.</summary>
public sealed record Behaviour
{
    public LatencyBehaviour Latency { get; init; } = new();

    public FaultBehaviour Faults { get; init; } = new();

    public NamingBehaviour Naming { get; init; } = new();

    public QuotaBehaviour Quotas { get; init; } = new();

    public ReadingBehaviour Readings { get; init; } = new();

    public AccessBehaviour Access { get; init; } = new();

    public JobBehaviour Jobs { get; init; } = new();

    public PassThroughBehaviour PassThrough { get; init; } = new();
}

/// <summary>How usage figures come.</summary>
public sealed record ReadingBehaviour
{
    /// <summary>How old every figure is, seconds, 0 to 604,800.</summary>
    public double LagSeconds { get; init; }

    /// <summary>Share of figures, 0 to 1, that are older still, by <see cref="LateSeconds"/>.</summary>
    public double LateShare { get; init; }

    /// <summary>0 to 604,800.</summary>
    public double LateSeconds { get; init; } = 7200;

    /// <summary>Share of figures, 0 to 1, that are a tenth too low.</summary>
    public double FallingShare { get; init; }

    /// <summary>Every figure is so many times what was used, 0 to 1,000,000: a carrier that reckons wrong. Statements about past cycles are right.</summary>
    public double Factor { get; init; } = 1;
}

/// <summary>How accounts prove who they are.</summary>
public sealed record AccessBehaviour
{
    /// <summary>How long a token is good, seconds, 1 to 604,800.</summary>
    public int TokenSeconds { get; init; } = 3600;

    /// <summary>Secrets of single accounts, by account code; the others' is "secret-" and the code.</summary>
    public IReadOnlyDictionary<string, string> Secrets { get; init; } = new Dictionary<string, string>();

    internal string SecretOf(string account) => Secrets.TryGetValue(account, out var own) ? own : "secret-" + account;
}

/// <summary>Asynchronous jobs.</summary>
public sealed record JobBehaviour
{
    /// <summary>How long one takes, seconds, 0 to 86,400: half of it waiting, half of it running.</summary>
    public double Seconds { get; init; } = 2;

    /// <summary>Share of jobs that fail, 0 to 1.</summary>
    public double FailedShare { get; init; }
}

/// <summary>Log-normal latency of each answer.</summary>
public sealed record LatencyBehaviour
{
    public bool Enabled { get; init; } = true;

    /// <summary>Half of the answers are faster; milliseconds, 0 to 60,000.</summary>
    public double MedianMs { get; init; } = 40;

    /// <summary>Spread of the logarithm, 0 (always the median) to 3.</summary>
    public double Sigma { get; init; } = 0.5;

    /// <summary>No answer takes longer; milliseconds, 0 to 600,000.</summary>
    public double MaxMs { get; init; } = 2000;
}

/// <summary>Shares of calls (0 to 1, together at most 1) that go wrong, each in one way.</summary>
public sealed record FaultBehaviour
{
    /// <summary>HTTP 500 with no JSON.</summary>
    [JsonPropertyName(BehaviourJson.Http500)]
    public double Http500 { get; init; }

    /// <summary>HTTP 200, status 19010 in the body.</summary>
    public double OtherError { get; init; }

    /// <summary>Nothing for <see cref="HangSeconds"/>, then the answer (most callers have gone by then).</summary>
    public double Hang { get; init; }

    /// <summary>0 to 600.</summary>
    public double HangSeconds { get; init; } = 30;

    /// <summary>HTTP 200 with a body that ends in the middle.</summary>
    public double Truncated { get; init; }

    /// <summary>HTTP 429 though the quota was kept.</summary>
    [JsonPropertyName(BehaviourJson.Http429)]
    public double Http429 { get; init; }

    /// <summary>Answers about other cards than those that were asked about.</summary>
    public double WrongCard { get; init; }

    /// <summary>Rubbish: no JSON, a body of 10 MB, or values that cannot be.</summary>
    public double Rubbish { get; init; }

    /// <summary>One of <see cref="Faults.RubbishKind.All"/>; empty: any.</summary>
    public string RubbishKind { get; init; } = "";

    /// <summary>Share of stops and resumes, besides the others, that are carried out and answered only after <see cref="HangSeconds"/>.</summary>
    public double LostAnswer { get; init; }

    /// <summary>Only these accounts have faults; empty: all.</summary>
    public IReadOnlyList<string> Accounts { get; init; } = [];
}

/// <summary>How cards come to be real-named.</summary>
public sealed record NamingBehaviour
{
    /// <summary>Share of cards that are real-named from the start, 0 to 1.</summary>
    public double InitialShare { get; init; } = 0.7;

    /// <summary>Mean time until one of the others is, in seconds; 0: never.</summary>
    public double MeanSeconds { get; init; } = 3600;
}

/// <summary>Calls per second that an account may make in any window of one second.</summary>
public sealed record QuotaBehaviour
{
    /// <summary>Whether calls over the quota are refused; the maximum seen is measured anyway.</summary>
    public bool Enforce { get; init; }

    /// <summary>For accounts that have no figure of their own: 1 to 1,000,000.</summary>
    public int CallsPerSecond { get; init; } = 20;

    /// <summary>Figures of single accounts, by account code.</summary>
    public IReadOnlyDictionary<string, int> Accounts { get; init; } = new Dictionary<string, int>();

    internal int For(string account) => Accounts.TryGetValue(account, out var own) ? own : CallsPerSecond;
}
