using Polling.Core.Queue.Claims;
using Polling.Core.Queue.Facts;

namespace Polling.Queue.Tests.Model;

/// <summary>A call that was handed out, as the model knows it.</summary>
internal sealed class ModelCall(ClaimedCall call, CallFacts facts, long leaseUntilMs)
{
    public ClaimedCall Call { get; } = call;

    public long LeaseUntilMs { get; set; } = leaseUntilMs;

    /// <summary>What its executor has read of its cards.</summary>
    public CallFacts Facts { get; } = facts;

    /// <summary>Completed or returned: from then on nothing of it may change anything.</summary>
    public bool HasEnded { get; set; }

    /// <summary>Its executor is dead: nobody will end it.</summary>
    public bool IsAbandoned { get; set; }
}

/// <summary>An attempt that acquire granted.</summary>
/// <param name="Name">Its name.</param>
/// <param name="AccountId">Who was charged.</param>
/// <param name="AtMs">When.</param>
/// <param name="EndsAtMs">When it counts as ended, at the latest.</param>
internal sealed record ModelAttempt(string Name, int AccountId, long AtMs, long EndsAtMs)
{
    public bool HasEnded { get; set; }
}

/// <summary>Limits of an account, and since when.</summary>
internal sealed record ModelLimits(long SinceMs, int CallsPerSecond, int? CallsPerFiveMinutes, long? CallsPerMonth, int InFlight, bool IsActive);

/// <summary>What the model knows without looking into Redis.</summary>
internal sealed class ModelState
{
    /// <summary>Facts as PostgreSQL has them.</summary>
    public Dictionary<long, CardFacts> Cards { get; } = [];

    public List<ModelCall> Calls { get; } = [];

    public List<ModelAttempt> Attempts { get; } = [];

    /// <summary>Every limit that an account ever had, the newest last.</summary>
    public Dictionary<int, List<ModelLimits>> Limits { get; } = [];

    /// <summary>What PostgreSQL has reserved of an account's month.</summary>
    public Dictionary<int, long> MonthReserved { get; } = [];

    /// <summary>When cards were last checked, Unix ms; 0 = the last check failed.</summary>
    public Dictionary<long, long> CheckedMs { get; } = [];

    /// <summary>Accounts whose rules have changed since all of their cards were looked at: some may wait for a place.</summary>
    public HashSet<int> NotAllPolled { get; } = [];

    /// <summary>Rules of the other accounts that were changed ever: cards that they have not polled have no place.</summary>
    public Dictionary<int, IntervalRules> Unpolled { get; } = [];

    /// <summary>Whether a card may be in no place.</summary>
    public bool MayBeNowhere(CardFacts facts) => facts.Status == Core.Cards.CardStatus.Terminated || NotAllPolled.Contains(facts.AccountId)
        || (Unpolled.TryGetValue(facts.AccountId, out var rules) && rules.IntervalMsOf(facts) == 0);

    public int Permits { get; set; }

    public long Succeeded { get; set; }

    public long Failed { get; set; }

    public long Completed { get; set; }

    /// <summary>Ids that were ever given out; a token is never given out twice.</summary>
    public HashSet<string> CallIds { get; } = [];

    /// <summary>The attempt that one more of this account would break a limit with, or null. An attempt is checked against the largest limit in force in its window.</summary>
    public string? FindExcess(int accountId, long nowMs)
    {
        var mine = Attempts.Where(a => a.AccountId == accountId).ToArray();
        var limits = Limits[accountId];
        int Most(Func<ModelLimits, long?> limit, long windowMs) => (int)Math.Min(int.MaxValue, limits
            .Where((l, i) => i == limits.Count - 1 || limits[i + 1].SinceMs >= nowMs - windowMs).Max(l => limit(l) ?? int.MaxValue));
        string? Check(string what, int count, int most) => count > most ? $"account {accountId} has {count} {what}, permitted are {most}" : null;
        return Check("calls in a second", mine.Count(a => a.AtMs > nowMs - 1_000), Most(l => l.CallsPerSecond, 1_000))
            ?? Check("calls in five minutes", mine.Count(a => a.AtMs > nowMs - 300_000), Most(l => l.CallsPerFiveMinutes, 300_000))
            ?? Check("calls in its month", mine.Length, Most(l => l.CallsPerMonth, long.MaxValue / 2))
            ?? Check("calls in flight", mine.Count(a => !a.HasEnded && a.EndsAtMs > nowMs), Most(l => l.InFlight, 60_000));
    }
}
