using Npgsql;
using Polling.Core.Suspensions;

namespace Polling.Core.Persistence.Suspensions;

/// <summary>Whether cards are over their limit, by the ledger: the one decision that intents are written by and that is made again before the carrier is asked.</summary>
/// <remarks>
/// <para>Of the cycle that runs in the account's time zone at the given moment. A card of no pool: over when it used more than
/// <c>limit_percent</c> of its package's allowance and its add-ons. A card of a pool: over when the pool's cards used more together than the
/// pool's allowance, its add-ons and the allowances of its active cards' packages, and the card had a part in it. Any card that is not
/// real-named: over when its package reaches any destination and it used more than <c>real_name_above_bytes</c>.</para>
/// <para>Cards with neither package nor pool have no limit. A pool's limit is added up only once what is used exceeds the pool's own part.</para>
/// </remarks>
public sealed class OverLimit(NpgsqlDataSource postgres)
{
    /// <summary>Up to the CTE <c>standing</c>, a row for each card with a limit and a reading; before them must stand <c>asked (card_id, at)</c>.</summary>
    internal const string Ctes = """
        cards AS MATERIALIZED (
          SELECT k.at, c.id, c.account_id, c.status, c.real_name_status, c.package_id, c.pool_id FROM asked k JOIN tb_card c ON c.id = k.card_id
          WHERE c.package_id IS NOT NULL OR c.pool_id IS NOT NULL),
        rules AS MATERIALIZED (
          SELECT jsonb_object_agg(a.id, jsonb_build_array(polling_zone(a.time_zone), a.billing_cycle_day, a.suspension_mode, a.usage_freshness_seconds)) AS by_account
          FROM tb_carrier_account a WHERE a.id IN (SELECT account_id FROM cards)),
        cycles AS MATERIALIZED (
          SELECT c.*, polling_cycle(c.at AT TIME ZONE (a.rule ->> 0), (a.rule ->> 1)::integer) AS cycle,
                 a.rule ->> 2 AS suspension_mode, (a.rule ->> 3)::integer AS usage_freshness_seconds
          FROM cards c CROSS JOIN LATERAL (SELECT (SELECT by_account FROM rules) -> c.account_id::text AS rule OFFSET 0) a),
        pool_use AS MATERIALIZED (
          SELECT q.pool_id, q.cycle, y.used_bytes, l.code, b.base,
                 -- What the cards add is summed only where it decides.
                 CASE WHEN y.used_bytes > b.base THEN b.base + (
                   SELECT coalesce(sum(p.allowance_bytes), 0) FROM tb_card c JOIN tb_package p ON p.id = c.package_id
                   WHERE c.pool_id = q.pool_id AND c.status = 1) END AS limit_bytes
          FROM (SELECT DISTINCT pool_id, cycle FROM cycles WHERE pool_id IS NOT NULL) q
          JOIN tb_usage_pool l ON l.id = q.pool_id
          JOIN tb_usage_pool_cycle y ON y.pool_id = q.pool_id AND y.cycle = q.cycle
          CROSS JOIN LATERAL (
            SELECT l.allowance_bytes + coalesce((SELECT sum(allowance_bytes) FROM tb_package_addon WHERE pool_id = q.pool_id AND cycle = q.cycle), 0) AS base) b),
        measured AS MATERIALIZED (
          SELECT c.id AS card_id, c.account_id, c.at, c.cycle, coalesce(s.episode, 1) AS episode, c.suspension_mode, u.last_as_of, u.last_read_at, u.bytes_per_hour,
                 u.last_as_of >= c.at - make_interval(secs => c.usage_freshness_seconds) AS is_fresh,
                 c.status = 1 AND s.stopped_by IS NULL AS is_running, e.card_id IS NOT NULL AS is_exempt,
                 r.rule, r.used_bytes, least(floor(r.limit_bytes), 9e18)::bigint AS limit_bytes, r.used_bytes > r.limit_bytes AS is_over, r.subject
          FROM cycles c
          JOIN tb_usage_cycle u ON u.card_id = c.id AND u.cycle = c.cycle
          LEFT JOIN tb_package p ON p.id = c.package_id
          LEFT JOIN pool_use y ON y.pool_id = c.pool_id AND y.cycle = c.cycle
          LEFT JOIN tb_card_stop s ON s.card_id = c.id
          LEFT JOIN tb_suspension_exemption e ON e.card_id = c.id AND (e.until IS NULL OR e.until > c.at)
          CROSS JOIN LATERAL (VALUES
            (1::smallint, u.used_bytes,
             CASE WHEN c.pool_id IS NULL THEN p.limit_percent / 100.0 * (p.allowance_bytes + coalesce(
               (SELECT sum(allowance_bytes) FROM tb_package_addon WHERE card_id = c.id AND cycle = c.cycle), 0)) END,
             'of the limit of package ' || p.code),
            (2::smallint, y.used_bytes, CASE WHEN u.used_bytes > 0 THEN y.limit_bytes END, 'of what the pool ' || y.code || ' has'),
            (3::smallint, u.used_bytes, CASE WHEN NOT p.is_directional AND c.real_name_status = 0 THEN p.real_name_above_bytes::numeric END,
             'that a card without a real name may use'))
            AS r(rule, used_bytes, limit_bytes, subject)
          WHERE r.limit_bytes IS NOT NULL),
        standing AS MATERIALIZED (
          SELECT DISTINCT ON (m.card_id) m.*,
                 CASE WHEN m.is_over THEN format('used %s bytes %s, %s, in the cycle from %s', m.used_bytes, m.subject, m.limit_bytes, m.cycle) END AS reason,
                 m.is_over AND m.is_fresh AND m.is_running AND NOT m.is_exempt AND m.suspension_mode <> 'off' AS may_suspend,
                 -- When it will be over by its rate; the nearest of its limits.
                 CASE WHEN m.is_running AND NOT bool_or(m.is_over) OVER card AND m.bytes_per_hour > 0
                   THEN m.last_as_of + make_interval(secs => least(1e9, greatest(0, (min(m.limit_bytes - m.used_bytes) FILTER (WHERE m.rule <> 2) OVER card)
                     / m.bytes_per_hour * 3600))) END AS over_at
          FROM measured m WINDOW card AS (PARTITION BY m.card_id)
          ORDER BY m.card_id, m.is_over DESC, m.rule)
        """;

    /// <summary>How cards stand now: each that exists, also one without a limit or without a reading in this cycle.</summary>
    /// <param name="cardIds">Any number.</param>
    /// <param name="now">The moment that tells the cycle and how fresh a reading is.</param>
    /// <param name="cancellation">Cancels.</param>
    public async Task<IReadOnlyDictionary<long, LimitDecision>> ReadAsync(
        IReadOnlyCollection<long> cardIds, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var command = postgres.CreateCommand(
            $"""
            WITH asked AS (SELECT card_id, $2::timestamptz AS at FROM unnest($1::bigint[]) AS t(card_id)),
            {Ctes}
            SELECT c.id, c.account_id, y.cycle, coalesce(t.episode, 1), coalesce(s.used_bytes, u.used_bytes, 0), s.limit_bytes,
                   CASE WHEN s.is_over THEN s.rule END, coalesce(u.last_as_of >= k.at - make_interval(secs => a.usage_freshness_seconds), false),
                   e.card_id IS NOT NULL, coalesce(s.may_suspend, false), u.last_as_of, s.over_at, CASE WHEN s.is_over THEN s.reason END
            FROM asked k JOIN tb_card c ON c.id = k.card_id JOIN tb_carrier_account a ON a.id = c.account_id
            CROSS JOIN LATERAL (SELECT polling_cycle(k.at AT TIME ZONE polling_zone(a.time_zone), a.billing_cycle_day::integer) AS cycle) y
            LEFT JOIN standing s ON s.card_id = c.id
            LEFT JOIN tb_usage_cycle u ON u.card_id = c.id AND u.cycle = y.cycle
            LEFT JOIN tb_card_stop t ON t.card_id = c.id
            LEFT JOIN tb_suspension_exemption e ON e.card_id = c.id AND (e.until IS NULL OR e.until > k.at)
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = cardIds.Distinct().ToArray() });
        command.Parameters.Add(new NpgsqlParameter { Value = now.UtcDateTime });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var decisions = new Dictionary<long, LimitDecision>();
        while (await reader.ReadAsync(cancellation))
        {
            decisions.Add(reader.GetInt64(0), new LimitDecision(
                reader.GetInt64(0), reader.GetFieldValue<DateOnly>(2), reader.GetInt64(4), reader.IsDBNull(5) ? null : reader.GetInt64(5),
                reader.IsDBNull(6) ? null : (SuspensionRule)reader.GetInt16(6), reader.GetBoolean(7), reader.GetBoolean(8))
            {
                AccountId = reader.GetInt32(1),
                Episode = reader.GetInt32(3),
                MaySuspend = reader.GetBoolean(9),
                AsOf = Time(10),
                OverAt = Time(11),
                Reason = reader.IsDBNull(12) ? null : reader.GetString(12),
            });
        }

        return decisions;

        DateTimeOffset? Time(int column) => reader.IsDBNull(column) ? null : reader.GetFieldValue<DateTimeOffset>(column);
    }
}

/// <summary>How a card stands to its limit: to the one it is over, else to the first that it has.</summary>
/// <param name="CardId">The card.</param>
/// <param name="Cycle">First day of the cycle that runs in its account.</param>
/// <param name="UsedBytes">Used in it by the card, or by its pool's cards together; 0 when there is no reading yet.</param>
/// <param name="LimitBytes">What may be used; null = it has no limit, or its pool is far from it.</param>
/// <param name="Rule">What it breaks; null = nothing.</param>
/// <param name="IsFresh">There is a reading of this cycle that is no older than the account's freshness bound: it may be decided by.</param>
/// <param name="IsExempt">It is not suspended whatever it uses.</param>
public sealed record LimitDecision(long CardId, DateOnly Cycle, long UsedBytes, long? LimitBytes, SuspensionRule? Rule, bool IsFresh, bool IsExempt)
{
    public int AccountId { get; init; }

    /// <summary>Its present episode, from 1.</summary>
    public int Episode { get; init; }

    /// <summary>It is over by a fresh reading, active, not exempt, not stopped, and its account's mode is not off.</summary>
    public bool MaySuspend { get; init; }

    /// <summary>As of when the newest reading of this cycle is.</summary>
    public DateTimeOffset? AsOf { get; init; }

    /// <summary>When it will be over at its rate of use; null: it is over already, or it is not foreseeable.</summary>
    public DateTimeOffset? OverAt { get; init; }

    /// <summary>In words, when it is over.</summary>
    public string? Reason { get; init; }
}
