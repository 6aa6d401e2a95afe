using Npgsql;
using Polling.Core.Cleanup;

namespace Polling.Core.Persistence.Cleanup;

/// <summary>What a run would remove of one dataset.</summary>
/// <param name="Rows">All rows older than the cut-off, exactly.</param>
/// <param name="Partitions">Partitions that would be dropped whole.</param>
/// <param name="PartitionRows">Of the rows, those in these partitions; the rest goes in batches.</param>
public sealed record CleanupCount(long Rows, IReadOnlyList<string> Partitions, long PartitionRows);

/// <summary>Counts what is older than a cut-off, exactly: it reads every row that it counts.</summary>
public sealed class CleanupPreview(NpgsqlDataSource postgres)
{
    /// <summary>Counts.</summary>
    public async Task<CleanupCount> CountAsync(CleanupDataset dataset, DateTimeOffset cutoff, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        if (!dataset.IsWalked)
        {
            return new CleanupCount(await CountRowsAsync(dataset.Table, dataset.TimeColumn, cutoff, cancellation), [], 0);
        }

        var (rows, whole) = (0L, 0L);
        var dropped = new List<string>();
        foreach (var partition in await CleanupPartitions.ReadAsync(postgres, dataset, cancellation))
        {
            if (!partition.MayHoldOlderThan(cutoff))
            {
                continue;
            }

            var count = await CountRowsAsync(partition.Name, dataset.TimeColumn, cutoff, cancellation);
            rows += count;
            if (partition.IsOlderThan(cutoff))
            {
                dropped.Add(partition.Name);
                whole += count;
            }
        }

        return new CleanupCount(rows, dropped, whole);
    }

    private async Task<long> CountRowsAsync(string table, string column, DateTimeOffset cutoff, CancellationToken cancellation)
    {
        await using var command = postgres.CreateCommand($"SELECT count(*) FROM {table} WHERE {column} < $1");
        command.CommandTimeout = 0;
        command.Parameters.Add(new NpgsqlParameter { Value = cutoff.UtcDateTime });
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }
}
