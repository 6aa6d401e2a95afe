using System.ComponentModel.DataAnnotations;

namespace Polling.Scheduler.Initialisation;

/// <summary>Section <c>Polling:Initialisation</c>.</summary>
public sealed class InitialisationOptions
{
    /// <summary>Cards in a batch, 1,000 to 1,000,000. Default 100,000.</summary>
    [Range(1_000, 1_000_000)]
    public int BatchSize { get; set; } = 100_000;

    /// <summary>Pause between two batches, milliseconds, 0 to 60,000. Default 1,000.</summary>
    [Range(0, 60_000)]
    public int BatchPauseMs { get; set; } = 1_000;
}
