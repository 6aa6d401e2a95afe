using System.ComponentModel.DataAnnotations;

namespace Polling.Executor.Suspensions;

/// <summary>Section <c>Polling:Suspension</c>.</summary>
internal sealed class SuspensionOptions
{
    /// <summary>Suspensions that this process works on at once, 1 to 100. Default 8.</summary>
    [Range(1, 100)]
    public int AtOnce { get; set; } = 8;

    /// <summary>How often it looks for work while there is none, milliseconds, 50 to 60,000. Default 500.</summary>
    [Range(50, 60_000)]
    public int IdleMs { get; set; } = 500;

    /// <summary>When a suspension that could not be carried out, or whose outcome is unknown, is taken up again, seconds, 1 to 3,600. Default 15.</summary>
    [Range(1, 3_600)]
    public int RetryAfterSeconds { get; set; } = 15;

    /// <summary>How often the carrier's asynchronous job is asked about, seconds, 1 to 3,600. Default 5.</summary>
    [Range(1, 3_600)]
    public int JobPollSeconds { get; set; } = 5;

    /// <summary>After so many calls it is given up and stands as failed, 1 to 1,000. Default 20.</summary>
    [Range(1, 1_000)]
    public int AttemptsMax { get; set; } = 20;

    /// <summary>How often a stopped card is looked at, seconds, 60 to 604,800. Default 21,600 (6 h).</summary>
    [Range(60, 604_800)]
    public int RecheckSeconds { get; set; } = 21_600;
}
