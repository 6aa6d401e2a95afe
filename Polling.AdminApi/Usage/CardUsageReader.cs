using Microsoft.EntityFrameworkCore;
using Polling.AdminApi.Packages;
using Polling.Core.Carriers;
using Polling.Core.Packages;
using Polling.Core.Persistence;
using Polling.Core.Persistence.Suspensions;

namespace Polling.AdminApi.Usage;

/// <summary>Reads a card's ledger.</summary>
internal sealed class CardUsageReader(PollingDbContext context, OverLimit limits, TimeProvider clock)
{
    private const int DaysBack = 62;

    /// <summary>What the card used, or null: there is no such card.</summary>
    public async Task<CardUsageAnswer?> FindAsync(long id, CancellationToken cancellation)
    {
        if (await context.Cards.AsNoTracking().SingleOrDefaultAsync(c => c.Id == id, cancellation) is not { } card)
        {
            return null;
        }

        var now = clock.GetUtcNow();
        var account = await context.CarrierAccounts.AsNoTracking().SingleAsync(a => a.Id == card.AccountId, cancellation);
        var decision = (await limits.ReadAsync([id], now, cancellation))[id];
        var previous = decision.Cycle.AddMonths(-1);
        var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, AccountZone.Of(account.TimeZone)).DateTime);
        var since = today.AddDays(-DaysBack);
        var cycles = await context.UsageCycles.AsNoTracking().Where(c => c.CardId == id && (c.Cycle == decision.Cycle || c.Cycle == previous)).ToListAsync(cancellation);
        var days = await context.UsageDays.AsNoTracking().Where(d => d.CardId == id && d.Day > since)
            .OrderByDescending(d => d.Day).ToListAsync(cancellation);
        var package = card.PackageId is { } packageId ? await context.Packages.AsNoTracking().SingleOrDefaultAsync(p => p.Id == packageId, cancellation) : null;
        var addons = await context.PackageAddons.AsNoTracking().Where(a => a.CardId == id && a.Cycle == decision.Cycle).OrderBy(a => a.Id).ToListAsync(cancellation);
        var current = cycles.Find(c => c.Cycle == decision.Cycle);
        var last = cycles.Find(c => c.Cycle == previous);
        return new CardUsageAnswer(
            id, account.TimeZone, current is null ? null : UsageCycleAnswer.Of(current), last is null ? null : UsageCycleAnswer.Of(last),
            days.Find(d => d.Day == today)?.UsedBytes ?? 0, [.. days.Select(d => new UsageDayAnswer(d.Day, d.UsedBytes))],
            Limit(decision, package), package is null ? null : PackageAnswer.Of(package), await PoolAsync(card.PoolId, decision.Cycle, cancellation),
            [.. addons.Select(AddonAnswer.Of)]);
    }

    private static CardLimitAnswer Limit(LimitDecision decision, Package? package)
    {
        var percent = decision.LimitBytes is { } limit and > 0 ? Math.Round(100.0 * decision.UsedBytes / limit, 1) : (double?)null;

        // warn_percent is of the allowance, and so is limit_percent, which the limit has in it already.
        var isNear = package is not null && percent is { } used && used * package.LimitPercent / 100 >= package.WarnPercent;
        return new CardLimitAnswer(
            decision.Cycle, decision.UsedBytes, decision.LimitBytes, percent, isNear, decision.Rule is not null, CardLimitAnswer.NameOf(decision.Rule),
            decision.Reason, decision.IsFresh, decision.OverAt, decision.IsExempt, decision.Episode);
    }

    private async Task<CardPoolAnswer?> PoolAsync(int? id, DateOnly cycle, CancellationToken cancellation)
    {
        if (id is not { } poolId || await context.UsagePools.AsNoTracking().SingleOrDefaultAsync(p => p.Id == poolId, cancellation) is not { } pool)
        {
            return null;
        }

        var used = await context.UsagePoolCycles.AsNoTracking().Where(y => y.PoolId == poolId && y.Cycle == cycle).Select(y => y.UsedBytes).SingleOrDefaultAsync(cancellation);
        return new CardPoolAnswer(pool.Id, pool.Code, pool.AllowanceBytes, used);
    }
}
