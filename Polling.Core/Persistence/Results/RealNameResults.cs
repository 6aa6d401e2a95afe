using Npgsql;
using NpgsqlTypes;
using Polling.Core.Cards;
using Polling.Core.Configuration;

namespace Polling.Core.Persistence.Results;

/// <summary>
/// Commits real-name results: the newest result of each card, the card's state, and a record of each change, in one statement.
/// </summary>
/// <remarks>
/// A result counts only if no newer fencing token has committed for the card, so a paused holder's late answer changes nothing.
/// Rows are locked in the order of their ids, as the import locks them, so that writers side by side cannot deadlock. For the hundreds of rows that a
/// commit has here, arrays through <c>unnest</c> take one round trip.
/// </remarks>
public sealed class RealNameResults(NpgsqlDataSource postgres)
{
    private const string Statement = """
        WITH input AS (
          SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9)
            AS t(card_id, token_epoch, token, scheduled_at, checked_at, outcome, real_name, error_code, duration_ms)),
        accepted AS (
          INSERT INTO tb_card_poll AS p (card_id, task_type, token_epoch, token, scheduled_at, checked_at, outcome, error_code, duration_ms,
                                         consecutive_failures)
          SELECT i.card_id, $10, i.token_epoch, i.token, i.scheduled_at, i.checked_at, i.outcome, i.error_code, i.duration_ms,
                 CASE WHEN i.outcome = 1 THEN 0 ELSE 1 END
          FROM input i JOIN tb_card c ON c.id = i.card_id
          ORDER BY i.card_id
          ON CONFLICT (card_id, task_type) DO UPDATE SET
            token_epoch = excluded.token_epoch, token = excluded.token, scheduled_at = excluded.scheduled_at,
            checked_at = excluded.checked_at, outcome = excluded.outcome, error_code = excluded.error_code,
            duration_ms = excluded.duration_ms,
            consecutive_failures = CASE WHEN excluded.outcome = 1 THEN 0 ELSE p.consecutive_failures + 1 END
          WHERE (p.token_epoch, p.token) < (excluded.token_epoch, excluded.token)
          RETURNING p.card_id),
        changing AS (
          SELECT c.id, c.real_name_status AS old_status, i.real_name, i.scheduled_at, i.checked_at
          FROM input i JOIN accepted a USING (card_id) JOIN tb_card c ON c.id = i.card_id
          WHERE i.real_name <> c.real_name_status OR i.real_name IS NOT NULL AND c.real_name_checked_at IS NULL
          ORDER BY c.id FOR NO KEY UPDATE OF c),
        changed AS (
          UPDATE tb_card c SET real_name_status = g.real_name, real_name_checked_at = g.checked_at, row_version = c.row_version + 1,
                               updated_at = now()
          FROM changing g WHERE c.id = g.id
          RETURNING c.id, c.account_id, c.status, c.real_name_status, coalesce(c.package_id, 0) AS package_id, c.row_version, c.iccid),
        records AS (
          INSERT INTO tb_real_name_record (card_id, old_status, new_status, scheduled_at, checked_at)
          SELECT id, old_status, real_name, scheduled_at, checked_at FROM changing
          WHERE old_status <> real_name
          ON CONFLICT (card_id, scheduled_at) DO NOTHING)
        SELECT a.card_id, d.account_id, d.status, d.real_name_status, d.package_id, d.row_version, d.iccid
        FROM accepted a LEFT JOIN changed d ON d.id = a.card_id
        """;

    /// <summary>Commits results of any number of calls.</summary>
    /// <returns>For each card whose result counted: its row as it is now if the result changed it, else null.</returns>
    /// <exception cref="NpgsqlException">PostgreSQL is away or refuses; nothing was committed, unless the answer was lost, and then a
    /// repetition changes nothing.</exception>
    public async Task<IReadOnlyDictionary<long, CardRow?>> CommitAsync(IReadOnlyCollection<RealNameResult> results, CancellationToken cancellation)
    {
        // One statement must not touch a row twice: of two results for a card the newer token counts, as it would one by one.
        var rows = results.GroupBy(r => r.CardId).Select(g => g.MaxBy(r => (r.Epoch, r.Token))!).ToArray();
        await using var command = postgres.CreateCommand(Statement);
        Add(command, NpgsqlDbType.Bigint, rows, r => r.CardId);
        Add(command, NpgsqlDbType.Bigint, rows, r => r.Epoch);
        Add(command, NpgsqlDbType.Bigint, rows, r => r.Token);
        Add(command, NpgsqlDbType.TimestampTz, rows, r => r.ScheduledAt.UtcDateTime);
        Add(command, NpgsqlDbType.TimestampTz, rows, r => r.CheckedAt.UtcDateTime);
        Add(command, NpgsqlDbType.Smallint, rows, r => (short)r.Outcome);
        Add(command, NpgsqlDbType.Smallint, rows, r => (short?)r.Status);
        Add(command, NpgsqlDbType.Varchar, rows, r => r.ErrorCode);
        Add(command, NpgsqlDbType.Integer, rows, r => r.DurationMs);
        command.Parameters.Add(new NpgsqlParameter { Value = (short)TaskType.Realname, NpgsqlDbType = NpgsqlDbType.Smallint });

        var accepted = new Dictionary<long, CardRow?>(rows.Length);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var id = reader.GetInt64(0);
            accepted[id] = reader.IsDBNull(1)
                ? null
                : new CardRow(
                    id, reader.GetInt32(1), (CardStatus)reader.GetInt16(2), (RealNameStatus)reader.GetInt16(3), reader.GetInt32(4),
                    reader.GetInt64(5), reader.GetString(6), 0);
        }

        return accepted;
    }

    private static void Add<T>(NpgsqlCommand command, NpgsqlDbType type, RealNameResult[] rows, Func<RealNameResult, T> column) =>
        command.Parameters.Add(new NpgsqlParameter { Value = Array.ConvertAll(rows, r => column(r)), NpgsqlDbType = NpgsqlDbType.Array | type });
}
