using System.Globalization;
using Npgsql;
using Polling.Core.Cleanup;

namespace Polling.Core.Persistence.Cleanup;

/// <summary>
/// Removes the rows of one step of a run, a batch at a time. Each batch is a transaction that is fenced by its scheduler's lease, asks the
/// configuration once more, and writes down what it removed and how far it has come: so after any crash the next scheduler goes on, and
/// every row is counted once.
/// </summary>
/// <remarks>
/// <para>A partition that is older as a whole is dropped. PostgreSQL does not detach one concurrently beside a default partition, so this takes a
/// lock on the table that waits for nobody longer than <see cref="LockTimeout"/>: who polls waits no longer either. It is tried again.</para>
/// <para>Other partitions, and billing cycles, have no index by time (each poll would pay for it), so they are walked once, block by block.</para>
/// </remarks>
public sealed class CleanupDeletion(NpgsqlDataSource postgres)
{
    /// <summary>How long a drop waits for its lock.</summary>
    public static readonly TimeSpan LockTimeout = TimeSpan.FromMilliseconds(500);

    /// <summary>A batch that takes longer is rolled back and made smaller.</summary>
    public static readonly TimeSpan BatchTimeout = TimeSpan.FromSeconds(5);

    // As many rows of the smallest walked table (a day's use) as a block of 8 KB can hold, and some more: so a batch has no more than it may.
    private const int RowsPerBlock = 200;
    private const int BlockBytes = 8192;

    /// <summary>Removes the next batch.</summary>
    /// <param name="step">The step; it is brought up to date.</param>
    /// <param name="fence">Fails when another scheduler may be at it by now.</param>
    /// <param name="cancellation">Cancels; the batch is rolled back.</param>
    /// <returns>False: there is no more to remove.</returns>
    public async Task<bool> RemoveAsync(CleanupStep step, Func<NpgsqlTransaction, Task> fence, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(fence);
        try
        {
            await using var connection = await postgres.OpenConnectionAsync(cancellation);
            await using var transaction = await connection.BeginTransactionAsync(cancellation);
            await fence(transaction);
            if (await RuleAsync(transaction, step, cancellation) is not { } cutoff)
            {
                step.Reason = "the configuration was switched off, changed or deleted meanwhile";
                return false;
            }

            step.Cutoff = cutoff;
            var goesOn = CleanupDataset.Find(step.Dataset) is { IsWalked: true } walked
                ? await WalkAsync(transaction, walked, step, cancellation)
                : await RemoveRowsAsync(transaction, step, cancellation);
            await SaveAsync(transaction, step, cancellation);
            await transaction.CommitAsync(cancellation);
            return goesOn;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.QueryCanceled && !cancellation.IsCancellationRequested)
        {
            step.BatchSize = Math.Max(CleanupConfig.BatchSizeMin, step.BatchSize / 2);
            return true;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            return true;
        }
    }

    /// <summary>Writes a step, and its run, as they are now.</summary>
    public async Task SaveAsync(CleanupRun run, IReadOnlyCollection<CleanupStep> steps, Func<NpgsqlTransaction, Task> fence, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(steps);
        ArgumentNullException.ThrowIfNull(fence);
        await using var connection = await postgres.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await fence(transaction);
        foreach (var step in steps)
        {
            await SaveAsync(transaction, step, cancellation);
        }

        await using var command = Command(transaction, "UPDATE tb_data_cleanup_run SET state = $2, started_at = $3, finished_at = $4 WHERE id = $1");
        foreach (var value in new object?[] { run.Id, (short)run.State, run.StartedAt?.UtcDateTime, run.FinishedAt?.UtcDateTime })
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value ?? DBNull.Value });
        }

        await command.ExecuteNonQueryAsync(cancellation);
        await transaction.CommitAsync(cancellation);
    }

    // The stricter of the run's cut-off and that of the configuration now; null = it is not to go on.
    private static async Task<DateTimeOffset?> RuleAsync(NpgsqlTransaction transaction, CleanupStep step, CancellationToken cancellation)
    {
        await using var command = Command(
            transaction,
            $"""
            SET LOCAL lock_timeout = '{LockTimeout.TotalMilliseconds}ms'; SET LOCAL statement_timeout = '{BatchTimeout.TotalMilliseconds}ms';
            SELECT least($2, now() - make_interval(days => retention_days)) FROM tb_data_cleanup_config
            WHERE id = $1 AND is_enabled AND dataset = $3
              AND retention_days BETWEEN {CleanupDataset.Find(step.Dataset)!.RetentionDaysMin} AND {CleanupConfig.RetentionDaysMax};
            """.Replace("$1", step.ConfigId.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
                .Replace("$2", Literal(step.Cutoff), StringComparison.Ordinal).Replace("$3", $"'{step.Dataset}'", StringComparison.Ordinal));
        return await command.ExecuteScalarAsync(cancellation) is DateTime cutoff ? new DateTimeOffset(cutoff) : null;
    }

    private static async Task<bool> RemoveRowsAsync(NpgsqlTransaction transaction, CleanupStep step, CancellationToken cancellation)
    {
        var dataset = CleanupDataset.Find(step.Dataset)!;
        var cutoff = Literal(step.Cutoff);
        if (dataset == CleanupDataset.ManualTrigger)
        {
            // Cards first: a trigger goes when it has none left.
            await using var cards = Command(
                transaction,
                $"""
                DELETE FROM tb_polling_manual_item WHERE (trigger_id, card_id) IN (
                  SELECT i.trigger_id, i.card_id FROM tb_polling_manual_trigger t JOIN tb_polling_manual_item i ON i.trigger_id = t.id
                  WHERE t.finished_at < {cutoff} LIMIT {step.BatchSize})
                """);
            if (await cards.ExecuteNonQueryAsync(cancellation) > 0)
            {
                return true;
            }
        }

        await using var command = Command(
            transaction,
            $"""
            DELETE FROM {dataset.Table} WHERE id IN (SELECT id FROM {dataset.Table} WHERE {dataset.TimeColumn} < {cutoff} LIMIT {step.BatchSize})
              AND {dataset.TimeColumn} < {cutoff}
            """);
        var removed = await command.ExecuteNonQueryAsync(cancellation);
        step.Removed += removed;
        return removed > 0;
    }

    private async Task<bool> WalkAsync(NpgsqlTransaction transaction, CleanupDataset dataset, CleanupStep step, CancellationToken cancellation)
    {
        var partitions = await CleanupPartitions.ReadAsync(postgres, dataset, cancellation);
        if (partitions.FirstOrDefault(partition => partition.IsOlderThan(step.Cutoff)) is { } old)
        {
            await using var count = Command(transaction, $"SELECT count(*) FROM {old.Name}");
            var rows = (long)(await count.ExecuteScalarAsync(cancellation))!;
            await using var drop = Command(transaction, $"DROP TABLE {old.Name}");
            await drop.ExecuteNonQueryAsync(cancellation);
            step.Removed += rows;
            step.DroppedPartitions = [.. step.DroppedPartitions, old.Name];
            return true;
        }

        var (name, block) = Position(step.Cursor);
        var walked = partitions.Where(partition => partition.MayHoldOlderThan(step.Cutoff) && string.CompareOrdinal(partition.Name, name) >= 0)
            .OrderBy(partition => partition.Name, StringComparer.Ordinal).FirstOrDefault();
        if (walked is null)
        {
            return false;
        }

        block = walked.Name == name ? block : 0;
        await using var size = Command(transaction, $"SELECT pg_relation_size('{walked.Name}') / {BlockBytes}");
        if (block >= (long)(await size.ExecuteScalarAsync(cancellation))!)
        {
            // The name that comes right behind this one.
            step.Cursor = $"{walked.Name}\u0001:0";
            return true;
        }

        var next = block + Math.Max(1, step.BatchSize / RowsPerBlock);
        await using var delete = Command(
            transaction,
            string.Create(CultureInfo.InvariantCulture, $"""
                DELETE FROM ONLY {walked.Name} WHERE ctid >= '({block},0)'::tid AND ctid < '({next},0)'::tid AND {dataset.TimeColumn} < {Literal(step.Cutoff)}
                """));
        step.Removed += await delete.ExecuteNonQueryAsync(cancellation);
        step.Cursor = string.Create(CultureInfo.InvariantCulture, $"{walked.Name}:{next}");
        return true;
    }

    private static (string Name, long Block) Position(string? cursor)
    {
        if (cursor is null)
        {
            return ("", 0);
        }

        var colon = cursor.LastIndexOf(':');
        return (cursor[..colon], long.Parse(cursor.AsSpan(colon + 1), CultureInfo.InvariantCulture));
    }

    private static async Task SaveAsync(NpgsqlTransaction transaction, CleanupStep step, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            """
            UPDATE tb_data_cleanup_step SET removed = $3, dropped_partitions = $4, batch_size = $5, cursor = $6, cutoff = $7, state = $8, total = $9,
              reason = $10, finished_at = $11, updated_at = clock_timestamp()
            WHERE run_id = $1 AND config_id = $2
            """, transaction.Connection, transaction);
        foreach (var value in new object?[]
        {
            step.RunId, step.ConfigId, step.Removed, step.DroppedPartitions, step.BatchSize, step.Cursor, step.Cutoff.UtcDateTime, (short)step.State,
            step.Total, step.Reason, step.FinishedAt?.UtcDateTime,
        })
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value ?? DBNull.Value });
        }

        await command.ExecuteNonQueryAsync(cancellation);
    }

    private static NpgsqlCommand Command(NpgsqlTransaction transaction, string sql) => new(sql, transaction.Connection, transaction);

    private static string Literal(DateTimeOffset time) =>
        $"'{time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture)}+00'::timestamptz";
}
