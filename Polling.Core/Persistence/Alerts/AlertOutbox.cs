using Npgsql;
using NpgsqlTypes;
using Polling.Core.Alerts;
using Polling.Core.Alerts.Rules;
using Polling.Core.Alerts.Webhooks;

namespace Polling.Core.Persistence.Alerts;

/// <summary>The outbox of notices: <c>tb_polling_alert_delivery</c>.</summary>
/// <remarks>
/// Any number of processes may send. Each takes deliveries by moving their next attempt into the future, so a delivery has one sender at
/// a time; one whose sender died is taken up again after <see cref="AbandonedAfter"/>. A result counts only for the attempt that it
/// belongs to. A receiver may so see a notice twice, with the same <c>webhook-id</c>, and never not at all.
/// </remarks>
public sealed class AlertOutbox(NpgsqlDataSource database)
{
    /// <summary>Longer than an attempt can take.</summary>
    public static readonly TimeSpan AbandonedAfter = TimeSpan.FromMinutes(1);

    /// <summary>Takes deliveries that are due.</summary>
    public async Task<IReadOnlyList<AlertDelivery>> TakeAsync(int countMax, CancellationToken cancellation)
    {
        const string Sql =
            """
            UPDATE tb_polling_alert_delivery AS delivery
            SET attempts = attempts + 1, last_attempt_at = clock_timestamp(), next_attempt_at = clock_timestamp() + $2
            WHERE id IN (
                SELECT id FROM tb_polling_alert_delivery WHERE state = 0 AND next_attempt_at <= clock_timestamp()
                ORDER BY next_attempt_at LIMIT $1 FOR UPDATE SKIP LOCKED)
            RETURNING id, message_id, history_id, event, notice, url, secret, format, attempts, created_at
            """;
        await using var command = database.CreateCommand(Sql);
        command.Parameters.Add(new() { Value = countMax });
        command.Parameters.Add(new() { Value = AbandonedAfter });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var taken = new List<AlertDelivery>();
        while (await reader.ReadAsync(cancellation))
        {
            taken.Add(new AlertDelivery
            {
                Id = reader.GetInt64(0),
                MessageId = reader.GetString(1),
                HistoryId = reader.GetInt64(2),
                Event = reader.GetString(3),
                Notice = reader.GetString(4),
                Url = reader.GetString(5),
                Secret = await reader.IsDBNullAsync(6, cancellation) ? null : reader.GetString(6),
                Format = reader.GetString(7),
                Attempts = reader.GetInt32(8),
                CreatedAt = reader.GetFieldValue<DateTimeOffset>(9),
            });
        }

        return taken;
    }

    /// <summary>Records how an attempt ended. Once nothing more is sent, the secret goes, and of the URL what may be a key.</summary>
    /// <param name="delivery">The delivery as it was taken.</param>
    /// <param name="state">Where it stands now.</param>
    /// <param name="result">How the attempt ended.</param>
    /// <param name="wait">With <see cref="DeliveryState.Pending"/>: how long until the next attempt.</param>
    /// <param name="cancellation">Cancels.</param>
    public async Task RecordAsync(
        AlertDelivery delivery, DeliveryState state, WebhookResult result, TimeSpan wait, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(delivery);
        ArgumentNullException.ThrowIfNull(result);
        const string Sql =
            """
            UPDATE tb_polling_alert_delivery
            SET state = $3, next_attempt_at = clock_timestamp() + $4, url = $5, last_status = $6, last_failure = $7,
                secret = CASE WHEN $3 = 0 THEN secret END, delivered_at = CASE WHEN $3 = 1 THEN clock_timestamp() END
            WHERE id = $1 AND attempts = $2 AND state = 0
            """;
        await using var command = database.CreateCommand(Sql);
        command.Parameters.Add(new() { Value = delivery.Id });
        command.Parameters.Add(new() { Value = delivery.Attempts });
        command.Parameters.Add(new() { Value = (short)state });
        command.Parameters.Add(new() { Value = wait });
        command.Parameters.Add(new() { Value = state == DeliveryState.Pending ? delivery.Url : WebhookUrl.Masked(delivery.Url) });
        command.Parameters.Add(new() { Value = (object?)result.Status ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Integer });
        command.Parameters.Add(new() { Value = (object?)result.Failure ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Puts a test notice of a rule into the outbox, with an entry of history that shows what becomes of it.</summary>
    /// <returns>The entry's id.</returns>
    public async Task<long> QueueTestAsync(AlertRule rule, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(rule);
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await using var clock = new NpgsqlCommand("SELECT now()", connection, transaction);
        var now = new DateTimeOffset((DateTime)(await clock.ExecuteScalarAsync(cancellation))!);
        var entry = await AlertRecords.OpenAsync(
            transaction,
            new AlertHistoryEntry
            {
                Kind = AlertKind.Test,
                RuleId = rule.Id,
                RuleName = rule.Name,
                RuleType = rule.RuleType,
                Subject = rule.TaskType ?? "test",
                Comparison = rule.Comparison,
                Threshold = rule.Threshold,
                Value = rule.Threshold,
                TriggeredAt = now,
                ResolvedAt = now,
            },
            cancellation);
        await AlertRecords.QueueAsync(transaction, rule, AlertEvents.Test, entry, cancellation);
        await transaction.CommitAsync(cancellation);
        return entry.Id;
    }
}
