using Microsoft.Extensions.Logging;

namespace Polling.Core.Cards.Import;

/// <summary>Takes cards from a CSV file: good rows are kept chunk by chunk, bad ones reported. The format: docs/cards-csv.md.</summary>
/// <remarks>
/// Memory does not grow with the file: one chunk, the first notices and one bit a card are held. Chunks that are committed stay when the
/// import breaks off (the client goes away, the database fails); sending the file again does no harm.
/// </remarks>
public sealed partial class CardImporter(ICardChunkStore store, ICardPlacement placement, ILogger<CardImporter> logger)
{
    /// <summary>Rows that are written in one transaction.</summary>
    public const int ChunkRows = 5000;

    /// <summary>Imports the whole stream.</summary>
    /// <param name="input">The file's bytes; read forward only, not closed.</param>
    /// <param name="report">Filled while the import goes on, so that it is true also after an exception.</param>
    /// <param name="cancellationToken">Ends the import after the last committed chunk.</param>
    /// <exception cref="ImportFormatException">The input is no card file; nothing was written.</exception>
    public async Task ImportAsync(Stream input, CardImportReport report, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(report);
        var reader = new CsvRecordReader(input);
        var header = await ImportHeader.ReadAsync(reader, cancellationToken);
        report.IgnoredColumns = header.Ignored;
        var parser = new ImportRowParser(header, await store.ReadAccountsAsync(cancellationToken));
        var chunk = new Chunk(header.Present, report);
        while (await reader.ReadAsync(cancellationToken) is { } record)
        {
            if (record.IsBlank)
            {
                continue;
            }

            report.Rows++;
            if (parser.Parse(record, out var fault) is not { } row)
            {
                report.Refuse(fault!);
                continue;
            }

            chunk.Add(row);
            if (chunk.Rows.Count == ChunkRows)
            {
                await SaveAsync(chunk, report, cancellationToken);
            }
        }

        await SaveAsync(chunk, report, cancellationToken);
    }

    private async Task SaveAsync(Chunk chunk, CardImportReport report, CancellationToken cancellationToken)
    {
        if (chunk.Rows.Count == 0)
        {
            return;
        }

        var saved = await store.SaveAsync(chunk.Rows, chunk.Columns, cancellationToken);
        var toPlace = chunk.Settle(saved);
        if (toPlace.Count == 0)
        {
            return;
        }

        try
        {
            await placement.PlaceAsync(toPlace, cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            // The cards are safe in PostgreSQL; the repair finds and places them.
            report.SchedulingDelayed = true;
            LogSchedulingDelayed(e, toPlace.Count);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Cards} imported cards could not be scheduled at once; the repair will do it")]
    private partial void LogSchedulingDelayed(Exception exception, int cards);
}
