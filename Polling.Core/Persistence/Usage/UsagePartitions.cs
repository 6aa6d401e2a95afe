using System.Globalization;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Polling.Core.Persistence.Usage;

/// <summary>
/// Makes the monthly partitions of <c>tb_usage_record</c> and <c>tb_usage_daily</c> ahead of time. A row that no partition takes lies in the
/// default one, and moves when its month is made.
/// </summary>
/// <remarks>
/// A month of records begins at midnight of UTC+8 (Asia/Shanghai); days have no hour. Several may do it at once; one works, the others find it done.
/// </remarks>
public sealed partial class UsagePartitions(NpgsqlDataSource postgres, ILogger<UsagePartitions> logger)
{
    /// <summary>Months made besides the present one.</summary>
    public const int MonthsAhead = 2;

    private const long AdvisoryLock = MigrationRunner.AdvisoryLock + 1;
    private static readonly TimeSpan Zone = TimeSpan.FromHours(8);

    /// <summary>Makes the partitions of this month and the next <see cref="MonthsAhead"/> that lack.</summary>
    /// <returns>How many were made, of both tables together.</returns>
    public async Task<int> EnsureAsync(DateTimeOffset now, CancellationToken cancellation)
    {
        var made = 0;
        var local = now.ToOffset(Zone);
        for (var ahead = 0; ahead <= MonthsAhead; ahead++)
        {
            var month = new DateTimeOffset(local.Year, local.Month, 1, 0, 0, 0, Zone).AddMonths(ahead);
            made += await MakeAsync("tb_usage_record", "scheduled_at", 100, month, Literal, cancellation) ? 1 : 0;
            made += await MakeAsync("tb_usage_daily", "day", 50, month, DayLiteral, cancellation) ? 1 : 0;
        }

        return made;
    }

    private async Task<bool> MakeAsync(
        string table, string column, int fillfactor, DateTimeOffset month, Func<DateTimeOffset, string> literal, CancellationToken cancellation)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{table}_y{month.Year:D4}m{month.Month:D2}");
        await using var connection = await postgres.OpenConnectionAsync(cancellation);
        if (await ExistsAsync(connection, table, name, cancellation))
        {
            return false;
        }

        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await ExecuteAsync(connection, $"SELECT pg_advisory_xact_lock({AdvisoryLock})", cancellation);
        if (await ExistsAsync(connection, table, name, cancellation))
        {
            return false;
        }

        // Made apart and attached: writers of other partitions are not held up, and rows of the month can leave the default partition before.
        var (from, to) = (literal(month), literal(month.AddMonths(1)));
        await ExecuteAsync(connection, $"""
            SET LOCAL lock_timeout = '5s';
            CREATE TABLE {name} (LIKE {table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES) WITH (fillfactor = {fillfactor});
            LOCK TABLE {table}_default IN ACCESS EXCLUSIVE MODE;
            WITH moved AS (DELETE FROM {table}_default WHERE {column} >= {from} AND {column} < {to} RETURNING *)
            INSERT INTO {name} SELECT * FROM moved;
            ALTER TABLE {table} ATTACH PARTITION {name} FOR VALUES FROM ({from}) TO ({to});
            """, cancellation);
        await transaction.CommitAsync(cancellation);
        LogMade(logger, name);
        return true;
    }

    private static async Task<bool> ExistsAsync(NpgsqlConnection connection, string table, string name, CancellationToken cancellation)
    {
        // Not to_regclass: it looks into the session's cache, which may not have heard of what was made while this one waited for the lock.
        await using var command = new NpgsqlCommand(
            """
            SELECT EXISTS (SELECT FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
                           WHERE i.inhparent = $2::text::regclass AND c.relname = $1)
            """, connection);
        command.Parameters.Add(new NpgsqlParameter { Value = name });
        command.Parameters.Add(new NpgsqlParameter { Value = table });
        return (bool)(await command.ExecuteScalarAsync(cancellation))!;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private static string Literal(DateTimeOffset time) => $"'{time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)}+00'::timestamptz";

    private static string DayLiteral(DateTimeOffset month) => $"'{month.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}'::date";

    [LoggerMessage(Level = LogLevel.Information, Message = "Partition {Partition} was made")]
    private static partial void LogMade(ILogger logger, string partition);
}
