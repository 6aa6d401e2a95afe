using Microsoft.EntityFrameworkCore;
using Polling.Core.Capacity;

namespace Polling.Core.Persistence;

/// <summary>Counts cards by what the polling configurations look at.</summary>
public static class CardGroups
{
    /// <summary>All cards. It reads the whole table: seconds, for ten million.</summary>
    public static async Task<IReadOnlyList<CardGroup>> CountAsync(PollingDbContext context, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(context);
        return await context.Cards.AsNoTracking()
            .GroupBy(c => new { c.AccountId, c.Status, c.RealNameStatus, c.PackageId })
            .Select(g => new CardGroup(g.Key.AccountId, g.Key.Status, g.Key.RealNameStatus, g.Key.PackageId, g.LongCount()))
            .ToArrayAsync(cancellation);
    }
}
