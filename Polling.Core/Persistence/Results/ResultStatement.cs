using Polling.Core.Persistence.Usage;

namespace Polling.Core.Persistence.Results;

/// <summary>
/// The statement that commits results of any task types: the newest result of each card and task, and what follows from it.
/// </summary>
/// <remarks>
/// A result counts only if no newer fencing token has committed for its card and task (<c>accepted</c>); all other parts look only at those.
/// Whether a card's state changes is told by its row in <c>tb_card_poll</c>, which is locked at that moment; <c>tb_card</c> is seen as it was when
/// the statement began, before a result that this one had to wait for.
/// Rows are locked in the order of their ids, as the import locks them, so that writers side by side cannot deadlock.
/// </remarks>
internal static class ResultStatement
{
    /// <summary>The staging table, of each session its own.</summary>
    public const string Staging = "staged_result";

    /// <summary>Over rows in <see cref="Staging"/>.</summary>
    public static string FromStaging { get; } = Over($"TABLE {Staging}");

    /// <summary>Over arrays.</summary>
    public static string FromArrays { get; } = Over($"SELECT * FROM unnest({ResultColumns.Parameters}) AS t({ResultColumns.Names})");

    private static string Over(string input) => $"""
        WITH input AS ({input}),
        accepted AS (
          INSERT INTO tb_card_poll AS p (card_id, task_type, token_epoch, token, scheduled_at, checked_at, outcome, error_code, duration_ms,
                                         consecutive_failures, real_name_status)
          SELECT i.card_id, i.task_type, i.token_epoch, i.token, i.scheduled_at, i.checked_at, i.outcome, i.error_code, i.duration_ms,
                 CASE WHEN i.outcome = 1 THEN 0 ELSE 1 END, i.real_name
          FROM input i JOIN tb_card c ON c.id = i.card_id
          ORDER BY i.card_id, i.task_type
          ON CONFLICT (card_id, task_type) DO UPDATE SET
            token_epoch = excluded.token_epoch, token = excluded.token, scheduled_at = excluded.scheduled_at,
            checked_at = excluded.checked_at, outcome = excluded.outcome, error_code = excluded.error_code,
            duration_ms = excluded.duration_ms,
            consecutive_failures = CASE WHEN excluded.outcome = 1 THEN 0 ELSE p.consecutive_failures + 1 END,
            real_name_status = coalesce(excluded.real_name_status, p.real_name_status), previous_real_name_status = p.real_name_status
          WHERE (p.token_epoch, p.token) < (excluded.token_epoch, excluded.token)
          RETURNING p.card_id, p.task_type, p.real_name_status, p.previous_real_name_status),
        counted AS (SELECT i.* FROM input i JOIN accepted a USING (card_id, task_type)),
        changing AS (
          SELECT c.id, coalesce(a.previous_real_name_status, c.real_name_status) AS old_status, i.real_name, i.scheduled_at, i.checked_at
          FROM counted i JOIN accepted a USING (card_id, task_type) JOIN tb_card c ON c.id = i.card_id
          WHERE i.task_type = 1 AND i.real_name IS NOT NULL
            AND (a.real_name_status IS DISTINCT FROM a.previous_real_name_status OR i.real_name <> c.real_name_status)
          ORDER BY c.id FOR NO KEY UPDATE OF c),
        changed AS (
          UPDATE tb_card c SET real_name_status = g.real_name, real_name_checked_at = g.checked_at, row_version = c.row_version + 1,
                               updated_at = now()
          FROM changing g WHERE c.id = g.id
          RETURNING c.id, c.account_id, c.status, c.real_name_status, coalesce(c.package_id, 0) AS package_id, c.row_version, c.iccid),
        real_names AS (
          INSERT INTO tb_real_name_record (card_id, old_status, new_status, scheduled_at, checked_at)
          SELECT id, old_status, real_name, scheduled_at, checked_at FROM changing
          WHERE old_status <> real_name
          ON CONFLICT (card_id, scheduled_at) DO NOTHING),
        {UsageLedger.Readings},
        usages AS (
          INSERT INTO tb_usage_record (card_id, task_type, scheduled_at, account_id, cycle, used_bytes, checked_at)
          SELECT card_id, task_type, scheduled_at, account_id, cycle, used_bytes, checked_at FROM readings
          ON CONFLICT (card_id, task_type, scheduled_at) DO UPDATE SET
            account_id = excluded.account_id, cycle = excluded.cycle, used_bytes = excluded.used_bytes, checked_at = excluded.checked_at),
        {UsageLedger.Growth},
        packages AS (
          INSERT INTO tb_card_package (card_id, package_code, allowance_bytes, used_bytes, valid_until, checked_at)
          SELECT card_id, package_code, allowance_bytes, used_bytes, valid_until, checked_at FROM counted
          WHERE task_type = 3 AND package_code IS NOT NULL
          ON CONFLICT (card_id) DO UPDATE SET
            package_code = excluded.package_code, allowance_bytes = excluded.allowance_bytes, used_bytes = excluded.used_bytes,
            valid_until = excluded.valid_until, checked_at = excluded.checked_at)
        SELECT a.card_id, a.task_type, d.account_id, d.status, d.real_name_status, d.package_id, d.row_version, d.iccid
        FROM accepted a LEFT JOIN changed d ON d.id = a.card_id AND a.task_type = 1
        """;
}
