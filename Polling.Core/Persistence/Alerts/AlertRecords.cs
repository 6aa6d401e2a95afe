using Npgsql;
using NpgsqlTypes;
using Polling.Core.Alerts;
using Polling.Core.Alerts.Rules;

namespace Polling.Core.Persistence.Alerts;

/// <summary>Entries of history and of the outbox, within a transaction of the caller's.</summary>
internal static class AlertRecords
{
    /// <summary>Writes a new entry.</summary>
    /// <returns>The same, with its id.</returns>
    public static async Task<AlertHistoryEntry> OpenAsync(NpgsqlTransaction transaction, AlertHistoryEntry entry, CancellationToken cancellation)
    {
        const string Sql =
            """
            INSERT INTO tb_polling_alert_history
                (kind, rule_id, rule_name, rule_type, subject, comparison, threshold, value, samples, detail, triggered_at, resolved_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING id
            """;
        await using var command = Command(
            transaction, Sql, (short)entry.Kind, entry.RuleId, entry.RuleName, entry.RuleType, entry.Subject, entry.Comparison, entry.Threshold,
            entry.Value, entry.Samples);
        command.Parameters.Add(new() { Value = (object?)entry.Detail ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        command.Parameters.Add(new() { Value = entry.TriggeredAt });
        command.Parameters.Add(new() { Value = (object?)entry.ResolvedAt ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.TimestampTz });
        entry.Id = (long)(await command.ExecuteScalarAsync(cancellation))!;
        return entry;
    }

    /// <summary>Closes an entry.</summary>
    /// <returns>The entry, or null when clean-up has removed it.</returns>
    public static async Task<AlertHistoryEntry?> CloseAsync(
        NpgsqlTransaction transaction, long id, DateTimeOffset now, double? value, string? reason, CancellationToken cancellation)
    {
        const string Sql =
            """
            UPDATE tb_polling_alert_history SET resolved_at = $2, resolve_value = $3, resolve_reason = $4 WHERE id = $1
            RETURNING rule_id, rule_name, rule_type, subject, comparison, threshold, value, samples, detail, triggered_at
            """;
        await using var command = Command(transaction, Sql, id, now);
        command.Parameters.Add(new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Double });
        command.Parameters.Add(new() { Value = (object?)reason ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return !await reader.ReadAsync(cancellation) ? null : new AlertHistoryEntry
        {
            Id = id,
            RuleId = reader.GetInt32(0),
            RuleName = reader.GetString(1),
            RuleType = reader.GetString(2),
            Subject = reader.GetString(3),
            Comparison = reader.GetString(4),
            Threshold = reader.GetDouble(5),
            Value = reader.GetDouble(6),
            Samples = reader.GetInt64(7),
            Detail = await reader.IsDBNullAsync(8, cancellation) ? null : reader.GetString(8),
            TriggeredAt = reader.GetFieldValue<DateTimeOffset>(9),
            ResolvedAt = now,
            ResolveValue = value,
            ResolveReason = reason,
        };
    }

    /// <summary>Puts a notice of an entry into the outbox, to be sent at once.</summary>
    public static async Task QueueAsync(
        NpgsqlTransaction transaction, AlertRule rule, string what, AlertHistoryEntry entry, CancellationToken cancellation)
    {
        const string Sql =
            """
            INSERT INTO tb_polling_alert_delivery
                (message_id, history_id, event, notice, url, format, state, attempts, created_at, next_attempt_at, secret)
            VALUES ($1, $2, $3, $4::jsonb, $5, $6, 0, 0, clock_timestamp(), clock_timestamp(), $7)
            """;
        await using var command = Command(
            transaction, Sql, $"msg_{Guid.NewGuid():N}", entry.Id, what, AlertNotice.Of(entry).ToJson(), rule.WebhookUrl!, rule.WebhookFormat);
        command.Parameters.Add(new() { Value = (object?)rule.WebhookSecret ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private static NpgsqlCommand Command(NpgsqlTransaction transaction, string sql, params object[] parameters)
    {
        var command = new NpgsqlCommand(sql, transaction.Connection, transaction);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(new() { Value = parameter });
        }

        return command;
    }
}
