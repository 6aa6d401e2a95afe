using Polling.AdminApi.Packages;
using Polling.Core.Suspensions;
using Polling.Core.Usage;

namespace Polling.AdminApi.Usage;

/// <summary>What a card has used, may use, and will have used when.</summary>
/// <param name="CardId">The card.</param>
/// <param name="TimeZone">The zone of cycles and days.</param>
/// <param name="ThisCycle">The billing cycle that runs; null = there is no reading of it yet. That is not 0.</param>
/// <param name="LastCycle">The one before; null = it was never read.</param>
/// <param name="Today">What the ledger grew by today, bytes.</param>
/// <param name="Days">The same of the last 62 days that had any, the newest first.</param>
/// <param name="Limit">How it stands to its limit.</param>
/// <param name="Package">Its package; null = none: it has no limit of its own.</param>
/// <param name="Pool">Its pool; null = none.</param>
/// <param name="Addons">Its add-ons for the cycle that runs.</param>
internal sealed record CardUsageAnswer(
    long CardId, string TimeZone, UsageCycleAnswer? ThisCycle, UsageCycleAnswer? LastCycle, long Today, IReadOnlyList<UsageDayAnswer> Days,
    CardLimitAnswer Limit, PackageAnswer? Package, CardPoolAnswer? Pool, IReadOnlyList<AddonAnswer> Addons);

/// <summary>A billing cycle of a card.</summary>
/// <param name="Cycle">Its first day.</param>
/// <param name="UsedBytes">The highest valid reading, or what the carrier stated.</param>
/// <param name="LastBytes">The newest reading, also when it fell.</param>
/// <param name="LastAsOf">As of when that is.</param>
/// <param name="LastReadAt">When the carrier last answered.</param>
/// <param name="BytesPerHour">Recent rate of use; null = not known yet.</param>
/// <param name="FallingReadings">Readings that were lower than one before; they change nothing.</param>
/// <param name="LateReadings">Readings that came after the next cycle had begun.</param>
/// <param name="ClosedAt">When it was closed; null = it runs, or its last word has not been heard yet.</param>
/// <param name="ClosedBy">last_reading, carrier_statement, or null.</param>
/// <param name="GapSeconds">Time before its end whose use cannot be known; null = none.</param>
internal sealed record UsageCycleAnswer(
    DateOnly Cycle, long UsedBytes, long LastBytes, DateTimeOffset LastAsOf, DateTimeOffset LastReadAt, double? BytesPerHour, int FallingReadings,
    int LateReadings, DateTimeOffset? ClosedAt, string? ClosedBy, int? GapSeconds)
{
    public static UsageCycleAnswer Of(UsageCycle cycle) => new(
        cycle.Cycle, cycle.UsedBytes, cycle.LastBytes, cycle.LastAsOf, cycle.LastReadAt, cycle.BytesPerHour, cycle.FallingReadings, cycle.LateReadings,
        cycle.ClosedAt,
        cycle.ClosedBy switch { CycleClose.LastReading => "last_reading", CycleClose.CarrierStatement => "carrier_statement", _ => null },
        cycle.GapSeconds);
}

/// <summary>What was used on a day.</summary>
internal sealed record UsageDayAnswer(DateOnly Day, long UsedBytes);

/// <summary>How a card stands to the limit that it is over, else to the first that it has.</summary>
/// <param name="Cycle">First day of the cycle that runs.</param>
/// <param name="UsedBytes">Used by the card, or by its pool's cards together.</param>
/// <param name="LimitBytes">What may be used; null = it has no limit, there is no reading, or its pool is far from its own.</param>
/// <param name="UsedPercent">Of the limit.</param>
/// <param name="IsNear">It is past the package's warn_percent.</param>
/// <param name="IsOver">More was used.</param>
/// <param name="Rule">over_limit, pool_over_limit, real_name; null = it is not over.</param>
/// <param name="Reason">The same in words.</param>
/// <param name="IsFresh">The newest reading is fresh enough to decide by.</param>
/// <param name="OverAt">When it will be over at its rate of use; null = it is, or it is not foreseeable.</param>
/// <param name="IsExempt">It is not suspended whatever it uses.</param>
/// <param name="Episode">From 1; a resume and a changed allowance begin a new one.</param>
internal sealed record CardLimitAnswer(
    DateOnly Cycle, long UsedBytes, long? LimitBytes, double? UsedPercent, bool IsNear, bool IsOver, string? Rule, string? Reason, bool IsFresh,
    DateTimeOffset? OverAt, bool IsExempt, int Episode)
{
    public static string? NameOf(SuspensionRule? rule) => rule switch
    {
        SuspensionRule.OverLimit => "over_limit",
        SuspensionRule.PoolOverLimit => "pool_over_limit",
        SuspensionRule.RealName => "real_name",
        _ => null,
    };
}

/// <summary>The card's pool.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Code">Its code.</param>
/// <param name="AllowanceBytes">Its own allowance, without what its cards' packages and its add-ons add.</param>
/// <param name="UsedBytes">Used by its cards together in the cycle that runs.</param>
internal sealed record CardPoolAnswer(int Id, string Code, long AllowanceBytes, long UsedBytes);
