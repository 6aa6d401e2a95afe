using Npgsql;
using NpgsqlTypes;

namespace Polling.Core.Persistence.Results;

/// <summary>A result as a row of plain columns: what the commit statement reads, staged by COPY or passed as arrays.</summary>
internal static class ResultColumns
{
    private static readonly Column[] All =
    [
        new("card_id", "bigint", NpgsqlDbType.Bigint, r => r.CardId),
        new("task_type", "smallint", NpgsqlDbType.Smallint, r => (short)r.Type),
        new("account_id", "integer", NpgsqlDbType.Integer, r => r.AccountId),
        new("token_epoch", "bigint", NpgsqlDbType.Bigint, r => r.Epoch),
        new("token", "bigint", NpgsqlDbType.Bigint, r => r.Token),
        new("scheduled_at", "timestamptz", NpgsqlDbType.TimestampTz, r => r.ScheduledAt.UtcDateTime),
        new("checked_at", "timestamptz", NpgsqlDbType.TimestampTz, r => r.CheckedAt.UtcDateTime),
        new("outcome", "smallint", NpgsqlDbType.Smallint, r => (short)r.Outcome),
        new("error_code", "text", NpgsqlDbType.Text, r => r.ErrorCode),
        new("duration_ms", "integer", NpgsqlDbType.Integer, r => r.DurationMs),
        new("real_name", "smallint", NpgsqlDbType.Smallint, r => (short?)(r.Payload as RealNamePayload)?.Status),
        new("cycle", "date", NpgsqlDbType.Date, r => (r.Payload as UsagePayload)?.Cycle),
        new("used_bytes", "bigint", NpgsqlDbType.Bigint, r => r.Payload switch
        {
            UsagePayload usage => usage.UsedBytes,
            PackagePayload package => package.UsedBytes,
            _ => null,
        }),
        new("as_of", "timestamptz", NpgsqlDbType.TimestampTz, r => (r.Payload as UsagePayload)?.AsOf?.UtcDateTime),
        new("package_code", "text", NpgsqlDbType.Text, r => (r.Payload as PackagePayload)?.Code),
        new("allowance_bytes", "bigint", NpgsqlDbType.Bigint, r => (r.Payload as PackagePayload)?.AllowanceBytes),
        new("valid_until", "timestamptz", NpgsqlDbType.TimestampTz, r => (r.Payload as PackagePayload)?.ValidUntil?.UtcDateTime),
    ];

    /// <summary>The names, in order, for <c>COPY</c> and <c>unnest</c>.</summary>
    public static string Names { get; } = string.Join(", ", All.Select(c => c.Name));

    /// <summary>Names and types, in order, for <c>CREATE TABLE</c>.</summary>
    public static string Definitions { get; } = string.Join(", ", All.Select(c => $"{c.Name} {c.Type}"));

    /// <summary>The parameters of <see cref="AddArrays"/>, in order.</summary>
    public static string Parameters { get; } = string.Join(", ", All.Select((c, i) => $"${i + 1}::{c.Type}[]"));

    /// <summary>Writes a row of a binary COPY.</summary>
    public static async Task WriteAsync(NpgsqlBinaryImporter copy, CardResult result, CancellationToken cancellation)
    {
        await copy.StartRowAsync(cancellation);
        foreach (var column in All)
        {
            switch (column.Value(result))
            {
                case null:
                    await copy.WriteNullAsync(cancellation);
                    break;
                case { } value:
                    await copy.WriteAsync(value, column.DbType, cancellation);
                    break;
            }
        }
    }

    /// <summary>Adds an array for each column.</summary>
    public static void AddArrays(NpgsqlParameterCollection parameters, IReadOnlyList<CardResult> results)
    {
        foreach (var column in All)
        {
            parameters.Add(new NpgsqlParameter { Value = column.ArrayOf(results), NpgsqlDbType = NpgsqlDbType.Array | column.DbType });
        }
    }

    private sealed record Column(string Name, string Type, NpgsqlDbType DbType, Func<CardResult, object?> Value)
    {
        public Array ArrayOf(IReadOnlyList<CardResult> results) => DbType switch
        {
            NpgsqlDbType.Bigint => results.Select(r => (long?)Value(r)).ToArray(),
            NpgsqlDbType.Integer => results.Select(r => (int?)Value(r)).ToArray(),
            NpgsqlDbType.Smallint => results.Select(r => (short?)Value(r)).ToArray(),
            NpgsqlDbType.TimestampTz => results.Select(r => (DateTime?)Value(r)).ToArray(),
            NpgsqlDbType.Date => results.Select(r => (DateOnly?)Value(r)).ToArray(),
            _ => results.Select(r => (string?)Value(r)).ToArray(),
        };
    }
}
