using Microsoft.EntityFrameworkCore;
using Npgsql;
using NpgsqlTypes;
using Polling.Core.Alerts;
using Polling.Core.Alerts.Evaluation;
using Polling.Core.Alerts.Rules;

namespace Polling.Core.Persistence.Alerts;

/// <summary>What an evaluation starts from.</summary>
/// <param name="Now">The database's clock.</param>
/// <param name="Rules">All rules; null = their table is not there.</param>
/// <param name="States">All states.</param>
public sealed record AlertPicture(DateTimeOffset Now, IReadOnlyList<AlertRule>? Rules, IReadOnlyList<AlertState> States);

/// <summary>
/// Rules and states of alerts in PostgreSQL, and what follows from an evaluation: states, history and the outbox of notices change in one
/// transaction, which the evaluator's lease fences. So a firing is recorded once, whoever evaluates.
/// </summary>
public sealed class AlertStore(NpgsqlDataSource database)
{
    /// <summary>Reads everything. The rules' table may be missing: operators drop it to restore it.</summary>
    public async Task<AlertPicture> ReadAsync(PollingDbContext context, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(context);
        await using var command = database.CreateCommand("SELECT clock_timestamp(), to_regclass('tb_polling_alert_rule') IS NOT NULL");
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        var now = reader.GetFieldValue<DateTimeOffset>(0);
        var isThere = reader.GetBoolean(1);
        return new AlertPicture(
            now,
            isThere ? await context.AlertRules.AsNoTracking().OrderBy(rule => rule.Id).ToArrayAsync(cancellation) : null,
            await context.AlertStates.AsNoTracking().ToArrayAsync(cancellation));
    }

    /// <summary>Writes what has changed, or nothing when the fence fails.</summary>
    /// <param name="steps">The changes; a firing's state gets the id of its entry.</param>
    /// <param name="now">Time of the evaluation.</param>
    /// <param name="fence">Fails when another may be evaluating by now.</param>
    /// <param name="cancellation">Cancels.</param>
    /// <returns>The firings, and those that are over.</returns>
    public async Task<IReadOnlyList<AlertOutcome>> WriteAsync(
        IReadOnlyCollection<AlertStep> steps, DateTimeOffset now, Func<NpgsqlTransaction, Task> fence, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(steps);
        ArgumentNullException.ThrowIfNull(fence);
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await fence(transaction);
        var outcomes = new List<AlertOutcome>();
        foreach (var step in steps)
        {
            var entry = step.Change switch
            {
                AlertChange.Fired => await AlertRecords.OpenAsync(transaction, EntryOf(step, now), cancellation),
                AlertChange.Resolved when step.State.HistoryId is { } id =>
                    await AlertRecords.CloseAsync(transaction, id, now, step.Reading?.Value, step.Reason, cancellation),
                _ => null,
            };
            if (entry is not null)
            {
                outcomes.Add(new AlertOutcome(step, entry));
                var what = step.Change == AlertChange.Fired ? AlertEvents.Triggered : AlertEvents.Resolved;
                if (step.Rule is { NotifiesWebhook: true } rule)
                {
                    await AlertRecords.QueueAsync(transaction, rule, what, entry, cancellation);
                }
            }

            step.State.HistoryId = step.Change switch
            {
                AlertChange.Fired => entry!.Id,
                AlertChange.Resolved => null,
                _ => step.State.HistoryId,
            };
            await KeepAsync(transaction, step, cancellation);
        }

        await transaction.CommitAsync(cancellation);
        return outcomes;
    }

    private static AlertHistoryEntry EntryOf(AlertStep step, DateTimeOffset now) => new()
    {
        RuleId = step.Rule!.Id,
        RuleName = step.Rule.Name,
        RuleType = step.Rule.RuleType,
        Subject = step.State.Subject,
        Comparison = step.Rule.Comparison,
        Threshold = step.Rule.Threshold,
        Value = step.Reading!.Value!.Value,
        Samples = step.Reading.Samples,
        Detail = step.Reading.Detail,
        TriggeredAt = now,
    };

    private static async Task KeepAsync(NpgsqlTransaction transaction, AlertStep step, CancellationToken cancellation)
    {
        const string Forget = "DELETE FROM tb_polling_alert_state WHERE rule_id = $1 AND subject = $2";
        const string Keep =
            """
            INSERT INTO tb_polling_alert_state (rule_id, subject, rule_type, status, since, seen_at, fired_at, history_id)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            ON CONFLICT (rule_id, subject) DO UPDATE
            SET rule_type = excluded.rule_type, status = excluded.status, since = excluded.since, seen_at = excluded.seen_at,
                fired_at = excluded.fired_at, history_id = excluded.history_id
            """;
        var state = step.State;
        await using var command = new NpgsqlCommand(step.IsForgotten ? Forget : Keep, transaction.Connection, transaction);
        command.Parameters.Add(new() { Value = state.RuleId });
        command.Parameters.Add(new() { Value = state.Subject });
        if (!step.IsForgotten)
        {
            command.Parameters.Add(new() { Value = state.RuleType });
            command.Parameters.Add(new() { Value = (short)state.Status });
            command.Parameters.Add(new() { Value = state.Since });
            command.Parameters.Add(new() { Value = state.SeenAt });
            command.Parameters.Add(new() { Value = (object?)state.FiredAt ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.TimestampTz });
            command.Parameters.Add(new() { Value = (object?)state.HistoryId ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bigint });
        }

        await command.ExecuteNonQueryAsync(cancellation);
    }
}
