using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Polling.Executor;

/// <summary>Section <c>Polling:Executor</c>.</summary>
public sealed class ExecutorOptions
{
    private static readonly TimeSpan DrainMax = TimeSpan.FromSeconds(15);

    /// <summary>Calls of each task type that this process has at gateways at most, 1 to 2,000. Default 100. As many more may wait to be durable.</summary>
    [Range(1, 2_000)]
    public int CallsInFlight { get; set; } = 100;

    /// <summary>How long claimed cards are this process' own, seconds, 5 to 600. Default 30; a dead process' cards come back after it.</summary>
    [Range(5, 600)]
    public int LeaseSeconds { get; set; } = 30;

    /// <summary>How long a gateway call may take, retries included, seconds, 1 to 300. Default 15.</summary>
    [Range(1, 300)]
    public int TotalTimeoutSeconds { get; set; } = 15;

    /// <summary>How long one attempt may take, seconds, 1 to 300. Default 12.</summary>
    [Range(1, 300)]
    public int AttemptTimeoutSeconds { get; set; } = 12;

    /// <summary>When a card that got no usable answer is asked again, seconds, 1 to 3,600, at most its interval. Default 30.</summary>
    [Range(1, 3_600)]
    public int RetryAfterSeconds { get; set; } = 30;

    /// <summary>
    /// How long the lease of a call that is still being worked on is renewed, seconds, 0 (never) to 3,600. Default 600; after it the cards
    /// are asked anew, by whoever is free.
    /// </summary>
    [Range(0, 3_600)]
    public int RenewForSeconds { get; set; } = 600;

    /// <summary>
    /// How long running calls may go on when the process is told to stop: their total timeout, 15 s at most, so that it ends within the 30 s that hosts
    /// commonly give. What takes longer is given up, and its cards are handed back.
    /// </summary>
    public TimeSpan Drain => TotalTimeout < DrainMax ? TotalTimeout : DrainMax;

    /// <summary>Lease.</summary>
    public TimeSpan Lease => TimeSpan.FromSeconds(LeaseSeconds);

    /// <summary>How long a lease is renewed.</summary>
    public TimeSpan RenewFor => TimeSpan.FromSeconds(RenewForSeconds);

    /// <summary>Total timeout of a call.</summary>
    public TimeSpan TotalTimeout => TimeSpan.FromSeconds(TotalTimeoutSeconds);

    /// <summary>Timeout of an attempt.</summary>
    public TimeSpan AttemptTimeout => TimeSpan.FromSeconds(AttemptTimeoutSeconds);

    /// <summary>Lifetime of a permit whose holder died: the longest that a call can take, and a margin.</summary>
    public TimeSpan Permit => TotalTimeout + ExecutorOptionsValidator.Margin;
}

/// <summary>Rules between the options.</summary>
internal sealed class ExecutorOptionsValidator : IValidateOptions<ExecutorOptions>
{
    /// <summary>For what lies between a claim and a commit besides the call itself.</summary>
    public static readonly TimeSpan Margin = TimeSpan.FromSeconds(3);

    public ValidateOptionsResult Validate(string? name, ExecutorOptions options)
    {
        var failures = new List<string>();
        if (options.AttemptTimeoutSeconds > options.TotalTimeoutSeconds)
        {
            failures.Add($"Polling:Executor:AttemptTimeoutSeconds is {options.AttemptTimeoutSeconds}; it must be at most TotalTimeoutSeconds ({options.TotalTimeoutSeconds}).");
        }

        if (options.Lease < options.TotalTimeout + 2 * Margin)
        {
            failures.Add($"Polling:Executor:LeaseSeconds is {options.LeaseSeconds}; it must be at least TotalTimeoutSeconds + {2 * Margin.TotalSeconds} = {(options.TotalTimeout + 2 * Margin).TotalSeconds}, so that results are durable before the lease ends.");
        }

        return failures.Count > 0 ? ValidateOptionsResult.Fail(failures) : ValidateOptionsResult.Success;
    }
}
