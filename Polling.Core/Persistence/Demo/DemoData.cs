using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Polling.Core.Cards;
using Polling.Core.Cards.Demo;
using Polling.Core.Cards.Import;
using Polling.Core.Carriers;
using Polling.Core.Packages;

namespace Polling.Core.Persistence.Demo;

/// <summary>Fills an empty database with the <see cref="DemoFleet"/>. A database with carriers or cards of its own is left alone.</summary>
public sealed partial class DemoData(
    PollingDbContext context, ICardChunkStore store, ICardPlacement placement, TimeProvider clock, ILogger<DemoData> logger)
{
    private const ImportColumns Columns = ImportColumns.Iccid | ImportColumns.Msisdn | ImportColumns.Imsi;

    /// <summary>
    /// Adds the demo carriers to a database that has no carrier, and the cards to one that has the demo carriers and no card.
    /// Run again it does nothing, unless it was interrupted or more cards are asked for: then it adds those that lack.
    /// </summary>
    /// <param name="cards">How many cards; 0 = carriers only.</param>
    /// <param name="cancellationToken">Ends it between chunks.</param>
    /// <returns>The number of cards added.</returns>
    public async Task<int> SeedAsync(int cards, CancellationToken cancellationToken)
    {
        if (!await context.Carriers.AnyAsync(cancellationToken))
        {
            await AddCarriersAsync(cancellationToken);
        }

        if (cards == 0 || await CarriersAsync(cancellationToken) is not { } accounts || !await IsWantedAsync(cards, cancellationToken))
        {
            return 0;
        }

        var added = 0;
        foreach (var numbers in Enumerable.Range(0, cards).Chunk(CardImporter.ChunkRows))
        {
            var saved = await store.SaveAsync([.. numbers.Select(number => Row(number, accounts))], Columns, cancellationToken);
            var ids = saved.Where(row => row.Change == RowChange.Added).Select(row => row.CardId).ToList();
            added += ids.Count;
            await PlaceAsync(ids, cancellationToken);
        }

        LogSeeded(added, accounts.Count);
        return added;
    }

    private static ImportRow Row(int number, IReadOnlyList<CarrierAccount> accounts)
    {
        var account = accounts[DemoFleet.CarrierOf(number)];
        return new ImportRow
        {
            Line = number,
            Iccid = Iccid.Parse(DemoFleet.IccidOf(number)),
            Msisdn = DemoFleet.MsisdnOf(number),
            Imsi = DemoFleet.ImsiOf(number),
            CarrierId = account.CarrierId,
            AccountId = account.Id,
        };
    }

    private async Task AddCarriersAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var carriers = DemoFleet.Carriers
            .Select(demo => new Carrier { Code = demo.Code, Name = demo.Name, CreatedAt = now, UpdatedAt = now })
            .ToList();
        var strategy = context.Database.CreateExecutionStrategy();
        await strategy.ExecuteAsync(async () =>
        {
            context.ChangeTracker.Clear();
            await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
            if (!await context.Packages.AnyAsync(cancellationToken))
            {
                // For docs/samples/cards.csv; so generous that nobody is stopped by surprise.
                context.Packages.Add(new Package { Code = "G10", Name = "10 GB", AllowanceBytes = 10L << 30, CreatedAt = now, UpdatedAt = now });
            }

            foreach (var (demo, carrier) in DemoFleet.Carriers.Zip(carriers))
            {
                carrier.Id = 0;
                context.Carriers.Add(carrier);
                await context.SaveChangesAsync(cancellationToken);
                context.CarrierAccounts.Add(DemoFleet.Account(demo, carrier.Id, now));
                await context.SaveChangesAsync(cancellationToken);
            }

            await transaction.CommitAsync(cancellationToken);
        });
    }

    // The accounts in the fleet's order, or null when the carriers are not the demo's.
    private async Task<IReadOnlyList<CarrierAccount>?> CarriersAsync(CancellationToken cancellationToken)
    {
        var accounts = await context.CarrierAccounts.AsNoTracking().ToDictionaryAsync(account => account.Code, cancellationToken);
        return DemoFleet.Carriers.All(demo => accounts.ContainsKey(demo.AccountCode))
            ? [.. DemoFleet.Carriers.Select(demo => accounts[demo.AccountCode])]
            : null;
    }

    // An empty table, or one whose fleet is smaller: the seeding was killed, or a larger number is asked for now.
    private async Task<bool> IsWantedAsync(int cards, CancellationToken cancellationToken)
    {
        var first = DemoFleet.IccidOf(0);
        var last = DemoFleet.IccidOf(cards - 1);
        return !await context.Cards.AnyAsync(cancellationToken)
            || (await context.Cards.AnyAsync(card => card.Iccid == first, cancellationToken)
                && !await context.Cards.AnyAsync(card => card.Iccid == last, cancellationToken));
    }

    private async Task PlaceAsync(IReadOnlyList<long> ids, CancellationToken cancellationToken)
    {
        try
        {
            await placement.PlaceAsync(ids, cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            // On a first start the queue may not be ready; initialisation takes the cards from PostgreSQL then.
            LogPlacementLeft(e);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Cards} demo cards were added at {Accounts} demo accounts (Polling:DemoCards)")]
    private partial void LogSeeded(int cards, int accounts);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Demo cards are left to the scheduler's initialisation")]
    private partial void LogPlacementLeft(Exception exception);
}
