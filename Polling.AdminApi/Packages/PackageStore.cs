using Microsoft.EntityFrameworkCore;
using Npgsql;
using Polling.AdminApi.AuditLog;
using Polling.AdminApi.Http;
using Polling.Core.Packages;
using Polling.Core.Persistence;
using Polling.Core.Persistence.Suspensions;

namespace Polling.AdminApi.Packages;

/// <summary>
/// Packages, pools and add-ons in PostgreSQL. What changes an allowance begins, in the same transaction, a new episode for the cards that
/// were suspended for theirs: they are judged anew.
/// </summary>
internal sealed class PackageStore(PollingDbContext context, AuditTrail audit, TimeProvider clock)
{
    public Task<Package?> FindPackageAsync(int id, CancellationToken cancellation) => context.Packages.SingleOrDefaultAsync(p => p.Id == id, cancellation);

    public Task<UsagePool?> FindPoolAsync(int id, CancellationToken cancellation) => context.UsagePools.SingleOrDefaultAsync(p => p.Id == id, cancellation);

    /// <returns>False: the code is taken.</returns>
    public async Task<bool> CreateAsync(Package package, CancellationToken cancellation)
    {
        package.CreatedAt = package.UpdatedAt = clock.SaveTime();
        context.Packages.Add(package);
        return await SaveNewAsync(cancellation);
    }

    /// <returns>False: the code is taken; null: its account was deleted meanwhile.</returns>
    public async Task<bool?> CreateAsync(UsagePool pool, CancellationToken cancellation)
    {
        pool.CreatedAt = pool.UpdatedAt = clock.SaveTime();
        context.UsagePools.Add(pool);
        try
        {
            return await SaveNewAsync(cancellation);
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.ForeignKeyViolation })
        {
            return null;
        }
    }

    /// <summary>Saves the changed fields.</summary>
    public async Task SaveAsync(Package package, CancellationToken cancellation)
    {
        if (!context.ChangeTracker.HasChanges())
        {
            return;
        }

        package.RowVersion++;
        package.UpdatedAt = clock.SaveTime();
        await audit.SaveChangesAsync(cancellation, also: RaiseFor($"SELECT id FROM tb_card WHERE package_id = {package.Id}"));
    }

    /// <inheritdoc cref="SaveAsync(Package, CancellationToken)"/>
    public async Task SaveAsync(UsagePool pool, CancellationToken cancellation)
    {
        if (!context.ChangeTracker.HasChanges())
        {
            return;
        }

        pool.RowVersion++;
        pool.UpdatedAt = clock.SaveTime();
        await audit.SaveChangesAsync(cancellation, also: RaiseFor($"SELECT id FROM tb_card WHERE pool_id = {pool.Id}"));
    }

    /// <returns>Null: it is gone; else why it stays.</returns>
    public async Task<string?> DeleteAsync(Package package, CancellationToken cancellation)
    {
        if (await context.Cards.AnyAsync(card => card.PackageId == package.Id, cancellation))
        {
            return "It has cards. Give them another one first.";
        }

        if (await context.PollingConfigs.FirstOrDefaultAsync(config => config.PackageId == package.Id, cancellation) is { } config)
        {
            return $"Polling configuration {config.Id} is for its cards.";
        }

        context.Packages.Remove(package);
        await audit.SaveChangesAsync(cancellation);
        return null;
    }

    /// <inheritdoc cref="DeleteAsync(Package, CancellationToken)"/>
    public async Task<string?> DeleteAsync(UsagePool pool, CancellationToken cancellation)
    {
        if (await context.Cards.AnyAsync(card => card.PoolId == pool.Id, cancellation))
        {
            return "It has cards. Take them out first.";
        }

        context.UsagePools.Remove(pool);
        await audit.SaveChangesAsync(cancellation);
        return null;
    }

    /// <summary>Adds an add-on, or finds the one that was sent with the same reference before.</summary>
    /// <returns>What is there now, and whether it is new.</returns>
    public async Task<(PackageAddon Addon, bool IsNew)> AddAsync(PackageAddon addon, CancellationToken cancellation)
    {
        if (await FindAsync() is { } known)
        {
            return (known, false);
        }

        addon.CreatedAt = clock.SaveTime();
        context.PackageAddons.Add(addon);
        var cards = addon.CardId is { } card ? $"SELECT {card}::bigint" : $"SELECT id FROM tb_card WHERE pool_id = {addon.PoolId}";
        try
        {
            await audit.SaveChangesAsync(cancellation, also: RaiseFor(cards));
            return (addon, true);
        }
        catch (DbUpdateException e) when (IsTaken(e))
        {
            context.ChangeTracker.Clear();
            if (await FindAsync() is { } other)
            {
                return (other, false);
            }

            throw;
        }

        Task<PackageAddon?> FindAsync() => context.PackageAddons.AsNoTracking().SingleOrDefaultAsync(a => a.Reference == addon.Reference, cancellation);
    }

    private Func<CancellationToken, Task> RaiseFor(string cards) => cancellation => context.Database.ExecuteSqlRawAsync(Episodes.Raise(cards), cancellation);

    private async Task<bool> SaveNewAsync(CancellationToken cancellation)
    {
        try
        {
            await audit.SaveChangesAsync(cancellation);
            return true;
        }
        catch (DbUpdateException e) when (IsTaken(e))
        {
            return false;
        }
    }

    private static bool IsTaken(DbUpdateException e) => e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation };
}
