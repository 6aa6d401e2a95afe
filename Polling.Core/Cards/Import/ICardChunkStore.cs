namespace Polling.Core.Cards.Import;

/// <summary>Where an import puts its rows.</summary>
public interface ICardChunkStore
{
    /// <summary>The carriers and accounts that exist now.</summary>
    Task<AccountDirectory> ReadAccountsAsync(CancellationToken cancellationToken);

    /// <summary>Adds or changes the cards of the rows, all or none; when it returns, they are durable.</summary>
    /// <param name="rows">Valid rows, each iccid once.</param>
    /// <param name="columns">The columns that the file has: what it does not have keeps its value.</param>
    /// <param name="cancellationToken">Undoes the chunk.</param>
    /// <returns>What became of each row, in any order.</returns>
    Task<IReadOnlyList<SavedRow>> SaveAsync(IReadOnlyList<ImportRow> rows, ImportColumns columns, CancellationToken cancellationToken);
}
