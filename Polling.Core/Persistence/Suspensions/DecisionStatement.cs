using Npgsql;
using Polling.Core.Persistence.Results;

namespace Polling.Core.Persistence.Suspensions;

/// <summary>
/// The statement behind the commit statement, in its transaction: which of the cards whose usage or package result has just counted are over
/// their limit, and the intents to suspend them.
/// </summary>
/// <remarks>
/// It sees the ledger as it is now, also what a writer that this one waited for has committed. A result that did not count decides nothing: its
/// token is not the one in <c>tb_card_poll</c>. Of a card, rule, cycle and episode there is one intent, so a repetition changes nothing; one that was
/// written in dry run becomes a real one when the account is no longer in dry run, and one that was void goes on: a figure that came late or fell
/// when the carrier was asked again must not keep a card going until its cycle ends. What a person has discarded does not go on.
/// </remarks>
internal static class DecisionStatement
{
    // A carrier whose figures are old is not asked for a newer one at each package check.
    private const int AskedLatelyMinutes = 10;

    /// <summary>Over rows in <see cref="ResultStatement.Staging"/>.</summary>
    public static string FromStaging { get; } = Over(
        $"SELECT card_id, task_type, token_epoch, token, checked_at FROM {ResultStatement.Staging} WHERE task_type IN (2, 3) AND outcome = 1");

    // Cards, task types, epochs, tokens, times of the answers.
    private static string FromArrays { get; } = Over(
        """
        SELECT * FROM unnest($1::bigint[], $2::smallint[], $3::bigint[], $4::bigint[], $5::timestamptz[])
          AS t(card_id, task_type, token_epoch, token, checked_at)
        """);

    /// <summary>Over these results.</summary>
    public static NpgsqlBatchCommand Of(IReadOnlyCollection<CardResult> results)
    {
        var command = new NpgsqlBatchCommand(FromArrays);
        foreach (Array column in new Array[]
        {
            results.Select(r => r.CardId).ToArray(), results.Select(r => (short)r.Type).ToArray(), results.Select(r => r.Epoch).ToArray(),
            results.Select(r => r.Token).ToArray(), results.Select(r => r.CheckedAt.UtcDateTime).ToArray(),
        })
        {
            command.Parameters.Add(new NpgsqlParameter { Value = column });
        }

        return command;
    }

    private static string Over(string input) => $"""
        WITH input AS ({input}),
        asked AS (
          SELECT i.card_id, max(i.checked_at) AS at FROM input i
          JOIN tb_card_poll p ON p.card_id = i.card_id AND p.task_type = i.task_type AND p.token_epoch = i.token_epoch AND p.token = i.token
          GROUP BY i.card_id),
        {OverLimit.Ctes},
        intents AS (
          INSERT INTO tb_suspension AS x (card_id, account_id, action, rule, cycle, episode, state, used_bytes, limit_bytes, reason, requested_by,
                                          created_at, attempts, finished_at)
          SELECT s.card_id, s.account_id, 1, s.rule, s.cycle, s.episode, CASE s.suspension_mode WHEN 'on' THEN 1 ELSE 13 END, s.used_bytes, s.limit_bytes,
                 s.reason, 'polling', s.at, 0, CASE s.suspension_mode WHEN 'on' THEN NULL ELSE s.at END
          FROM standing s
          WHERE s.may_suspend AND NOT EXISTS (SELECT FROM tb_suspension o WHERE o.card_id = s.card_id AND o.action = 1 AND o.state < 10)
          ORDER BY s.card_id
          ON CONFLICT (card_id, rule, cycle, episode, action) DO UPDATE SET
            state = excluded.state, used_bytes = excluded.used_bytes, limit_bytes = excluded.limit_bytes, reason = excluded.reason,
            created_at = excluded.created_at, attempts = 0, sent_at = NULL, job_id = NULL, error_code = NULL, finished_at = NULL
          WHERE x.state IN (11, 13) AND excluded.state = 1 AND x.error_code IS DISTINCT FROM '{BreakerRelease.Discarded}'
          RETURNING x.card_id, x.id)
        SELECT s.card_id, s.over_at, s.is_over, s.is_fresh, i.id, NOT s.is_fresh AND s.last_read_at < s.at - interval '{AskedLatelyMinutes} minutes'
        FROM standing s LEFT JOIN intents i ON i.card_id = s.card_id
        WHERE s.over_at IS NOT NULL OR s.is_over OR NOT s.is_fresh
        """;
}
