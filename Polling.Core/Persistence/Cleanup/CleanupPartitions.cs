using Npgsql;
using Polling.Core.Cleanup;

namespace Polling.Core.Persistence.Cleanup;

/// <summary>A table that is walked, or a partition of one.</summary>
/// <param name="Name">Its table.</param>
/// <param name="From">The oldest time that it takes; null = the default partition, which takes what no other does, or a table that has none.</param>
/// <param name="To">What it takes is older than this; null as before.</param>
public sealed record UsagePartition(string Name, DateTimeOffset? From, DateTimeOffset? To)
{
    /// <summary>Whether all of it may go.</summary>
    public bool IsOlderThan(DateTimeOffset cutoff) => To <= cutoff;

    /// <summary>Whether some of it may go.</summary>
    public bool MayHoldOlderThan(DateTimeOffset cutoff) => From is null || From < cutoff;
}

/// <summary>Reads which partitions there are.</summary>
public static class CleanupPartitions
{
    /// <summary>The partitions, by name; the table itself, when it has none.</summary>
    public static async Task<IReadOnlyList<UsagePartition>> ReadAsync(NpgsqlDataSource postgres, CleanupDataset dataset, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(postgres);
        ArgumentNullException.ThrowIfNull(dataset);
        await using var command = postgres.CreateCommand(
            $"""
            SELECT c.relname, substring(pg_get_expr(c.relpartbound, c.oid) from 'FROM \(''([^'']+)''\)')::timestamptz,
                   substring(pg_get_expr(c.relpartbound, c.oid) from 'TO \(''([^'']+)''\)')::timestamptz
            FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
            WHERE i.inhparent = '{dataset.Table}'::regclass ORDER BY c.relname
            """);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var partitions = new List<UsagePartition>();
        while (await reader.ReadAsync(cancellation))
        {
            partitions.Add(new UsagePartition(reader.GetString(0), Time(1), Time(2)));
        }

        return partitions.Count > 0 ? partitions : [new UsagePartition(dataset.Table, null, null)];

        DateTimeOffset? Time(int column) => reader.IsDBNull(column) ? null : reader.GetFieldValue<DateTimeOffset>(column);
    }
}
