namespace Polling.Core.Queue.Quotas;

/// <summary>Why an account refuses a call.</summary>
public enum QuotaRefusal
{
    /// <summary>It does not: the call may be sent at once.</summary>
    None,

    /// <summary>The account is not published to Redis (yet).</summary>
    Unknown,

    /// <summary>An operator has paused it.</summary>
    Paused,

    /// <summary>Its calls a second are used up.</summary>
    Rate,

    /// <summary>It has as many calls in flight as it may, by its limit or by what its carrier bears.</summary>
    InFlight,

    /// <summary>Its calls in five minutes are used up.</summary>
    FiveMinutes,

    /// <summary>Its calls of this month are used up.</summary>
    Month,

    /// <summary>The block of this month's calls is used up; who is told so fetches the next one.</summary>
    MonthBlock,

    /// <summary>The block of this month's calls is used up and somebody fetches the next one.</summary>
    MonthWait,

    /// <summary>It is in a maintenance window.</summary>
    Maintenance,

    /// <summary>Its circuit is open: the carrier failed too often.</summary>
    Circuit,
}

/// <summary>In the account's budget suspensions come before manual work, manual work before polling.</summary>
public enum CallPriority
{
    /// <summary>Leaves the whole reserve to the others.</summary>
    Polling = 0,

    /// <summary>Leaves half of the reserve to suspensions.</summary>
    Manual = 1,

    /// <summary>May use everything.</summary>
    Suspension = 2,
}

/// <summary>A month's budget of which the next block is to be reserved.</summary>
/// <param name="Month">First day of the month.</param>
/// <param name="Budget">The budget as Redis knows it, calls.</param>
public readonly record struct MonthToFetch(DateOnly Month, long Budget);

/// <summary>Answer to an acquire.</summary>
/// <param name="Refusal">Why it was refused; None = granted.</param>
/// <param name="RetryAfter">When it is worth asking again, at most a minute.</param>
public readonly record struct QuotaDecision(QuotaRefusal Refusal, TimeSpan RetryAfter)
{
    /// <summary>The call may be sent at once.</summary>
    public bool IsGranted => Refusal == QuotaRefusal.None;

    /// <summary>When Redis was asked, by the clock of the gate (<see cref="TimeProvider.GetTimestamp"/>): it decided no earlier.</summary>
    public long AskedAt { get; init; }

    /// <summary>With <see cref="QuotaRefusal.MonthBlock"/>: what to fetch.</summary>
    public MonthToFetch? Month { get; init; }
}

/// <summary>How an attempt ended, as far as it tells about the carrier.</summary>
public enum AttemptResult
{
    /// <summary>Nothing: we gave it up.</summary>
    None,

    /// <summary>An answer, whatever it says about single cards.</summary>
    Ok,

    /// <summary>Too many calls, the carrier says.</summary>
    Throttled,

    /// <summary>The carrier refused the call or failed, and said so.</summary>
    Refused,

    /// <summary>No answer in time, or none that can be read.</summary>
    Transport,
}

/// <summary>Whether an account's calls are let through.</summary>
public enum CircuitState
{
    /// <summary>All.</summary>
    Closed,

    /// <summary>None, until its back-off is over.</summary>
    Open,

    /// <summary>One, which decides.</summary>
    Half,
}

/// <summary>What an account's processes know of its carrier.</summary>
/// <param name="Circuit">State of its circuit.</param>
/// <param name="InFlightMax">Calls that may be in flight now.</param>
/// <param name="CircuitChanged">This result has changed the circuit's state.</param>
public readonly record struct AccountHealth(CircuitState Circuit, int InFlightMax, bool CircuitChanged);
