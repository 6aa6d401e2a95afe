using Npgsql;
using NpgsqlTypes;
using Polling.Core.Cards.Import;

namespace Polling.Core.Persistence.CardImport;

/// <summary>Writes rows of an import by COPY into a temporary table, from where one statement adds and changes cards.</summary>
/// <remarks>
/// Chunks of all imports wait for each other (an advisory lock), and rows are locked in the order of their ids, as all
/// writers of many cards do it: so they cannot deadlock. Should it happen all the same, the chunk is tried again.
/// </remarks>
public sealed class CardChunkStore(NpgsqlDataSource database) : ICardChunkStore
{
    private const int Attempts = 3;

    /// <inheritdoc/>
    public async Task<AccountDirectory> ReadAccountsAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var carriers = new List<(string, int)>();
        await using (var command = new NpgsqlCommand("SELECT code, id FROM tb_carrier", connection))
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                carriers.Add((reader.GetString(0), reader.GetInt32(1)));
            }
        }

        var accounts = new List<(string, int, int)>();
        await using (var command = new NpgsqlCommand("SELECT code, id, carrier_id FROM tb_carrier_account", connection))
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                accounts.Add((reader.GetString(0), reader.GetInt32(1), reader.GetInt32(2)));
            }
        }

        var packages = new List<int>();
        await using (var command = new NpgsqlCommand("SELECT id FROM tb_package", connection))
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                packages.Add(reader.GetInt32(0));
            }
        }

        var pools = new List<(string, int, int)>();
        await using (var command = new NpgsqlCommand("SELECT code, id, account_id FROM tb_usage_pool", connection))
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                pools.Add((reader.GetString(0), reader.GetInt32(1), reader.GetInt32(2)));
            }
        }

        return new AccountDirectory(carriers, accounts, packages, pools);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<SavedRow>> SaveAsync(
        IReadOnlyList<ImportRow> rows, ImportColumns columns, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await TrySaveAsync(rows, columns, cancellationToken);
            }
            catch (PostgresException e) when (attempt < Attempts
                && e.SqlState is PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure)
            {
                // The other transaction has won; it will be through by now.
            }
        }
    }

    private async Task<List<SavedRow>> TrySaveAsync(
        IReadOnlyList<ImportRow> rows, ImportColumns columns, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var prepare = new NpgsqlCommand(CardChunkSql.Prepare, connection, transaction))
        {
            await prepare.ExecuteNonQueryAsync(cancellationToken);
        }

        await CopyAsync(connection, rows, cancellationToken);
        var saved = new List<SavedRow>(rows.Count);
        await using (var merge = new NpgsqlCommand(CardChunkSql.Merge, connection, transaction))
        {
            merge.Parameters.Add(new NpgsqlParameter { Value = columns.HasFlag(ImportColumns.Msisdn) });
            merge.Parameters.Add(new NpgsqlParameter { Value = columns.HasFlag(ImportColumns.Imsi) });
            merge.Parameters.Add(new NpgsqlParameter { Value = columns.HasFlag(ImportColumns.PackageId) });
            merge.Parameters.Add(new NpgsqlParameter { Value = columns.HasFlag(ImportColumns.Pool) });
            await using var reader = await merge.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                saved.Add(new SavedRow(reader.GetInt32(0), reader.GetInt64(1), (RowChange)reader.GetInt32(2), reader.GetBoolean(3)));
            }
        }

        await transaction.CommitAsync(cancellationToken);
        return saved;
    }

    private static async Task CopyAsync(NpgsqlConnection connection, IReadOnlyList<ImportRow> rows, CancellationToken cancellationToken)
    {
        await using var copy = await connection.BeginBinaryImportAsync(CardChunkSql.Copy, cancellationToken);
        for (var i = 0; i < rows.Count; i++)
        {
            var row = rows[i];
            await copy.StartRowAsync(cancellationToken);
            await copy.WriteAsync(i, NpgsqlDbType.Integer, cancellationToken);
            await copy.WriteAsync(row.Iccid.Value, NpgsqlDbType.Varchar, cancellationToken);
            await copy.WriteAsync(row.Msisdn, NpgsqlDbType.Varchar, cancellationToken);
            await copy.WriteAsync(row.Imsi, NpgsqlDbType.Varchar, cancellationToken);
            await copy.WriteAsync(row.CarrierId, NpgsqlDbType.Integer, cancellationToken);
            await copy.WriteAsync(row.AccountId, NpgsqlDbType.Integer, cancellationToken);
            await copy.WriteAsync((short?)row.Status, NpgsqlDbType.Smallint, cancellationToken);
            await copy.WriteAsync((short?)row.RealNameStatus, NpgsqlDbType.Smallint, cancellationToken);
            await copy.WriteAsync(row.PackageId, NpgsqlDbType.Integer, cancellationToken);
            await copy.WriteAsync(row.PoolId, NpgsqlDbType.Integer, cancellationToken);
        }

        await copy.CompleteAsync(cancellationToken);
    }
}
