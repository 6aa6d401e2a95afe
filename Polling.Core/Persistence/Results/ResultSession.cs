using Npgsql;
using NpgsqlTypes;
using Polling.Core.Cards;
using Polling.Core.Configuration;
using Polling.Core.Persistence.Suspensions;

namespace Polling.Core.Persistence.Results;

/// <summary>A connection with its staging table; used by one at a time, and thrown away when anything fails on it.</summary>
/// <remarks>
/// The connection is kept: the pool drops temporary tables when it gets a connection back, and making one costs more than a batch. Small batches are
/// prepared: planning would cost more than the rows. Their plan is one for any number of rows and must stay good while tables grow, so it may only look
/// things up by index, and is never compiled.
/// </remarks>
internal sealed class ResultSession : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;

    private ResultSession(NpgsqlConnection connection) => _connection = connection;

    public static async Task<ResultSession> OpenAsync(NpgsqlDataSource postgres, CancellationToken cancellation)
    {
        var connection = await postgres.OpenConnectionAsync(cancellation);
        try
        {
            await using var create = new NpgsqlCommand(
                $"""
                CREATE TEMP TABLE {ResultStatement.Staging} ({ResultColumns.Definitions}) ON COMMIT DELETE ROWS;
                SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET jit = off
                """, connection);
            await create.ExecuteNonQueryAsync(cancellation);
            return new ResultSession(connection);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    /// <summary>Commits rows, of which no two are of the same card and task.</summary>
    public async Task CommitAsync(IReadOnlyList<CardResult> rows, bool byCopy, CommittedResults into, CancellationToken cancellation)
    {
        CardResult[] deciding = [.. rows.Where(row => row.Type is TaskType.Carddata or TaskType.Package && row.Outcome == PollOutcome.Success)];
        if (!byCopy)
        {
            // Both statements are one round trip, and one transaction.
            await using var batch = new NpgsqlBatch(_connection);
            var commit = new NpgsqlBatchCommand(ResultStatement.FromArrays);
            ResultColumns.AddArrays(commit.Parameters, rows);
            batch.BatchCommands.Add(commit);
            if (deciding.Length > 0)
            {
                batch.BatchCommands.Add(DecisionStatement.Of(deciding));
            }

            await batch.PrepareAsync(cancellation);
            await ReadAsync(batch, into, cancellation);
            return;
        }

        await using var transaction = await _connection.BeginTransactionAsync(cancellation);
        await using (var copy = await _connection.BeginBinaryImportAsync(
            $"COPY {ResultStatement.Staging} ({ResultColumns.Names}) FROM STDIN (FORMAT binary)", cancellation))
        {
            foreach (var row in rows)
            {
                await ResultColumns.WriteAsync(copy, row, cancellation);
            }

            await copy.CompleteAsync(cancellation);
        }

        var committed = new CommittedResults();
        await using (var batch = new NpgsqlBatch(_connection, transaction))
        {
            // Planned for these rows, of which there are many.
            batch.BatchCommands.Add(new NpgsqlBatchCommand("SET LOCAL enable_seqscan = on"));
            batch.BatchCommands.Add(new NpgsqlBatchCommand(ResultStatement.FromStaging));
            if (deciding.Length > 0)
            {
                batch.BatchCommands.Add(new NpgsqlBatchCommand(DecisionStatement.FromStaging));
            }

            await ReadAsync(batch, committed, cancellation);
        }

        await transaction.CommitAsync(cancellation);
        into.Add(committed);
    }

    /// <summary>Commits the failure that stands for a poison row, and keeps the row aside unless that was done before.</summary>
    public async Task PoisonAsync(CardResult failure, string payload, string reason, CommittedResults into, CancellationToken cancellation)
    {
        await using var transaction = await _connection.BeginTransactionAsync(cancellation);
        var committed = new CommittedResults();
        await using (var batch = new NpgsqlBatch(_connection, transaction))
        {
            var commit = new NpgsqlBatchCommand(ResultStatement.FromArrays);
            ResultColumns.AddArrays(commit.Parameters, [failure]);
            batch.BatchCommands.Add(commit);
            await ReadAsync(batch, committed, cancellation);
        }

        if (committed.AcceptedCount > 0)
        {
            await using var keep = new NpgsqlCommand(
                "INSERT INTO tb_poison_result (task_type, payload, reason) VALUES ($1, $2, $3)", _connection, transaction);
            keep.Parameters.Add(new NpgsqlParameter { Value = (short)failure.Type });
            keep.Parameters.Add(new NpgsqlParameter { Value = payload, NpgsqlDbType = NpgsqlDbType.Jsonb });
            keep.Parameters.Add(new NpgsqlParameter { Value = reason });
            await keep.ExecuteNonQueryAsync(cancellation);
        }

        await transaction.CommitAsync(cancellation);
        into.Add(committed);
    }

    private static async Task ReadAsync(NpgsqlBatch batch, CommittedResults into, CancellationToken cancellation)
    {
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var id = reader.GetInt64(0);
            into.Accept((TaskType)reader.GetInt16(1), id, reader.IsDBNull(2)
                ? null
                : new CardRow(
                    id, reader.GetInt32(2), (CardStatus)reader.GetInt16(3), (RealNameStatus)reader.GetInt16(4), reader.GetInt32(5),
                    reader.GetInt64(6), reader.GetString(7), default));
        }

        if (await reader.NextResultAsync(cancellation))
        {
            while (await reader.ReadAsync(cancellation))
            {
                into.Stand(reader.GetInt64(0), new CardStanding(
                    reader.IsDBNull(1) ? null : reader.GetFieldValue<DateTimeOffset>(1), reader.GetBoolean(2), reader.GetBoolean(3),
                    reader.IsDBNull(4) ? null : reader.GetInt64(4), reader.GetBoolean(5)));
            }
        }
    }
}
