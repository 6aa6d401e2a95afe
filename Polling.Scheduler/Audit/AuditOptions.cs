using System.ComponentModel.DataAnnotations;

namespace Polling.Scheduler.Audit;

/// <summary>Section <c>Polling:Audit</c>.</summary>
public sealed class AuditOptions
{
    /// <summary>
    /// How long a card must have been in no schedule before it may count as lost, seconds, 6 to 3,600. Default 31; longer than the
    /// executors' lease (<c>Polling:Executor:LeaseSeconds</c>).
    /// </summary>
    [Range(6, 3_600)]
    public int MissingSeconds { get; set; } = 31;

    /// <summary>
    /// Pause after each 5,000 cards while something is found, milliseconds, 0 to 60,000. Default 200: 25,000 cards a second, ten million in
    /// 7 minutes.
    /// </summary>
    [Range(0, 60_000)]
    public int PagePauseMs { get; set; } = 200;

    /// <summary>
    /// The same while nothing is found, milliseconds, 0 to 60,000. Default 3,000: 1,667 cards a second; shorter for a fleet that would
    /// take more than 13 minutes.
    /// </summary>
    [Range(0, 60_000)]
    public int CalmPagePauseMs { get; set; } = 3_000;

    /// <summary>Pause after a whole round, seconds, 1 to 3,600. Default 2.</summary>
    [Range(1, 3_600)]
    public int RoundPauseSeconds { get; set; } = 2;
}
