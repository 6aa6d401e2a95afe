namespace Polling.Core.Queue.Lateness;

/// <summary>What a card that is asked late has waited for, most of the time.</summary>
public enum LatenessCause
{
    /// <summary>It is less than <see cref="LatenessCauses.OnTimeWithin"/> late.</summary>
    OnTime,

    /// <summary>
    /// The account's call budget: used up, paused, in a maintenance window, or smaller than its configurations need. More calls or longer
    /// intervals help.
    /// </summary>
    Quota,

    /// <summary>A permit of the task type: its concurrency is the limit.</summary>
    Permit,

    /// <summary>The account's circuit, opened because its carrier failed.</summary>
    Breaker,

    /// <summary>A process: none was there to admit or claim it, all were busy, or one died with it.</summary>
    Worker,

    /// <summary>Its turn among the account's other due cards, after a stop or a burst; the budget suffices and works them off.</summary>
    Backlog,
}

/// <summary>Finds the cause of a lateness.</summary>
public static class LatenessCauses
{
    /// <summary>Up to this a card is on time: it is the time that admission, claim and quota windows take.</summary>
    public static readonly TimeSpan OnTimeWithin = TimeSpan.FromSeconds(1);

    /// <summary>The letter that scripts write for a cause.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is none: scripts do not write it.</exception>
    public static char Letter(LatenessCause cause) => cause switch
    {
        LatenessCause.OnTime => '-',
        LatenessCause.Quota => 'q',
        LatenessCause.Permit => 'p',
        LatenessCause.Breaker => 'b',
        LatenessCause.Worker => 'w',
        LatenessCause.Backlog => 'k',
        _ => throw new ArgumentOutOfRangeException(nameof(cause), cause, "There is no such cause."),
    };

    /// <summary>The cause that a script's letter stands for; an unknown one counts as a worker's.</summary>
    public static LatenessCause Of(string? letter) => letter switch
    {
        "-" or "" or null => LatenessCause.OnTime,
        "q" => LatenessCause.Quota,
        "p" => LatenessCause.Permit,
        "b" => LatenessCause.Breaker,
        "k" => LatenessCause.Backlog,
        _ => LatenessCause.Worker,
    };

    /// <summary>As it is named in metrics and in the API.</summary>
    public static string Name(this LatenessCause cause) => cause switch
    {
        LatenessCause.OnTime => "on_time",
        LatenessCause.Quota => "quota",
        LatenessCause.Permit => "permit",
        LatenessCause.Breaker => "breaker",
        LatenessCause.Worker => "worker",
        _ => "backlog",
    };

    /// <summary>
    /// The cause of a card's lateness: that of the longest of its waits, in the schedule (what promotion noted), in the queue (a permit, if
    /// none was free meanwhile, else a worker), and from the claim to the call (a worker). Times are Redis', Unix ms.
    /// </summary>
    /// <param name="dueMs">When it was due.</param>
    /// <param name="admittedMs">When promotion admitted it.</param>
    /// <param name="claimedMs">When it was claimed.</param>
    /// <param name="sentMs">When its call was sent.</param>
    /// <param name="inSchedule">What it waited for in the schedule.</param>
    /// <param name="permitsGoneMs">When a claim last found no permit free; 0 = never.</param>
    public static LatenessCause Find(long dueMs, long admittedMs, long claimedMs, long sentMs, LatenessCause inSchedule, long permitsGoneMs)
    {
        if (sentMs - dueMs < OnTimeWithin.TotalMilliseconds)
        {
            return LatenessCause.OnTime;
        }

        var (scheduled, queued, held) = (admittedMs - dueMs, claimedMs - admittedMs, sentMs - claimedMs);
        if (scheduled >= queued && scheduled >= held)
        {
            return inSchedule == LatenessCause.OnTime ? LatenessCause.Backlog : inSchedule;
        }

        return queued >= held && permitsGoneMs >= admittedMs ? LatenessCause.Permit : LatenessCause.Worker;
    }
}
