using System.ComponentModel.DataAnnotations;

namespace Polling.Scheduler.Suspensions;

/// <summary>Section <c>Polling:Resume</c>.</summary>
internal sealed class ResumeOptions
{
    /// <summary>Pause between two rounds over the stopped cards, seconds, 1 to 3,600. Default 5.</summary>
    [Range(1, 3_600)]
    public int EverySeconds { get; set; } = 5;

    /// <summary>Over how long the resumes of a new cycle are spread, seconds, 0 to 86,400. Default 3,600; after a top-up a card is resumed at once.</summary>
    [Range(0, 86_400)]
    public int SpreadSeconds { get; set; } = 3_600;
}
