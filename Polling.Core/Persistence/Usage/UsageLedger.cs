using Polling.Core.Packages;

namespace Polling.Core.Persistence.Usage;

/// <summary>
/// The parts of the commit statement that keep the usage ledger: each counted reading is put into a billing cycle, and the card's ledger, its
/// day and its pool grow by what the reading adds.
/// </summary>
/// <remarks>
/// <para>The cycle is what the carrier says; else the one that holds the moment the figure is as of; else the one in which the carrier answered. A
/// carrier that says neither may go on showing the old cycle's figures for a while, and a figure that came late or fell looks like a new cycle's. So within
/// <see cref="GraceHours"/> of the reset a reading is the new cycle's only if it cannot be an old one: less than 1/<see cref="FallenParts"/> of what the card had used
/// as long before the reset. The others are late ones of the old cycle until one has begun the new cycle; then, as they may be of either, of none. What the new
/// cycle holds in the grace is so never too high, and nobody is suspended by it who is not over.</para>
/// <para>Readings are cumulative, so the highest valid one is the ledger, whatever the order they come in; one that fell adds nothing. The
/// rate of use is smoothed over time, an hour's memory when it rises and twelve when it falls: a burst is seen at once, one quiet reading does
/// not make a card look idle, and a falling reading counts as no use, never as negative use.</para>
/// <para>All rows of a card are behind its lock in <c>tb_card_poll</c>; pools come after all cards, in the order of their ids.</para>
/// </remarks>
internal static class UsageLedger
{
    /// <summary>How long after a reset a carrier that says neither cycle nor as-of may still show the old figure.</summary>
    public const int GraceHours = 48;

    /// <summary>No figure that falls, in a cycle, falls to less than one of so many parts of what it was.</summary>
    public const int FallenParts = 2;

    /// <summary>A reading of more days ago is a mistake.</summary>
    public const int AgeDaysMax = 400;

    private const int FutureDaysMax = 1;
    private const double RisingHours = 1;
    private const double FallingHours = 12;

    // Shorter, a difference says nothing about a rate.
    private const double RateHoursMin = 1.0 / 60;

    /// <summary>The accounts' calendars and the readings with their cycles: <c>readings</c>, of the CTEs <c>input</c> and <c>counted</c>.</summary>
    /// <remarks>
    /// The calendars are one row of maps by account: a list of accounts, of which the planner knows no number, would be gone through for each reading.
    /// Each <c>OFFSET 0</c> makes a step be reckoned once for a reading; without it the planner writes each step out wherever it is used, which was a
    /// fifth of the time that a reading took PostgreSQL, and five copies of the question about the grace to plan. The reading of an account that is gone has no zone, and no cycle.
    /// </remarks>
    public static string Readings { get; } = $"""
        calendars AS MATERIALIZED (
          SELECT jsonb_object_agg(a.id, polling_zone(a.time_zone)) AS zones, jsonb_object_agg(a.id, a.billing_cycle_day) AS first_days,
                 jsonb_object_agg(a.id, EXISTS (SELECT FROM tb_usage_pool l WHERE l.account_id = a.id)) AS pooled
          FROM tb_carrier_account a WHERE a.id IN (SELECT account_id FROM input WHERE task_type = 2)),
        readings AS MATERIALIZED (
          SELECT i.card_id, i.task_type, i.scheduled_at, i.account_id, i.used_bytes, i.checked_at, b.cycle, b.cycle < p.cycle AS is_late,
                 least(coalesce(i.as_of, i.checked_at), i.checked_at, e.ends_at) AS as_of, e.starts_at,
                 i.used_bytes BETWEEN 0 AND {Package.AllowanceBytesMax}
                   AND (i.as_of IS NULL OR i.as_of BETWEEN i.checked_at - interval '{AgeDaysMax} days' AND i.checked_at + interval '{FutureDaysMax} days')
                   AND (i.cycle IS NULL OR i.cycle BETWEEN z.local::date - {AgeDaysMax} AND z.local::date + {FutureDaysMax})
                   AND coalesce(i.as_of, i.checked_at) >= e.starts_at AND NOT coalesce(f.has_begun AND f.may_be_old, false) AS is_valid
          FROM counted i
          CROSS JOIN LATERAL (
            SELECT (SELECT zones FROM calendars) ->> i.account_id::text AS zone, ((SELECT first_days FROM calendars) ->> i.account_id::text)::integer AS first_day
            OFFSET 0) a
          CROSS JOIN LATERAL (SELECT i.checked_at AT TIME ZONE a.zone AS local OFFSET 0) z
          CROSS JOIN LATERAL (SELECT polling_cycle(z.local, a.first_day) AS cycle, i.cycle IS NULL AND i.as_of IS NULL AS is_silent OFFSET 0) p
          CROSS JOIN LATERAL (
            SELECT p.is_silent AND i.checked_at < p.cycle::timestamp AT TIME ZONE a.zone + interval '{GraceHours} hours' AS is_grace,
                   (p.cycle - interval '1 month')::date AS previous OFFSET 0) g
          LEFT JOIN LATERAL (
            SELECT EXISTS (SELECT FROM tb_usage_cycle n WHERE n.card_id = i.card_id AND n.cycle = p.cycle) AS has_begun,
                   i.used_bytes >= greatest(0, coalesce((SELECT o.used_bytes FROM tb_usage_cycle o WHERE o.card_id = i.card_id AND o.cycle = g.previous), 0)
                     - coalesce((SELECT sum(d.used_bytes) FROM tb_usage_daily d
                                 WHERE d.card_id = i.card_id AND d.day >= p.cycle - {GraceHours / 24} AND d.day < p.cycle), 0)) / {FallenParts} AS may_be_old
            WHERE g.is_grace OFFSET 0) f ON true
          CROSS JOIN LATERAL (
            SELECT CASE WHEN NOT p.is_silent THEN coalesce(i.cycle, polling_cycle(least(i.as_of, i.checked_at) AT TIME ZONE a.zone, a.first_day))
                        WHEN f.may_be_old AND NOT f.has_begun THEN g.previous
                        ELSE p.cycle END AS cycle OFFSET 0) b
          CROSS JOIN LATERAL (
            SELECT b.cycle::timestamp AT TIME ZONE a.zone AS starts_at, (b.cycle + interval '1 month') AT TIME ZONE a.zone AS ends_at OFFSET 0) e
          WHERE i.task_type = 2 AND i.used_bytes IS NOT NULL AND a.zone IS NOT NULL)
        """;

    /// <summary>What follows from <c>readings</c>.</summary>
    /// <remarks>
    /// The planner knows nothing of how many rows a CTE has: two of them joined row by row are compared each with each. So what each needs is
    /// in its own columns, and a card's pool is looked up by its key (<c>OFFSET 0</c> keeps it so).
    /// </remarks>
    public static string Growth { get; } = $"""
        ledger AS (
          INSERT INTO tb_usage_cycle AS u (card_id, cycle, account_id, used_bytes, previous_used_bytes, last_bytes, last_as_of, last_read_at,
                                           first_read_at, bytes_per_hour, falling_readings, late_readings)
          SELECT card_id, cycle, account_id, used_bytes, 0, used_bytes, as_of, checked_at, checked_at,
                 CASE WHEN as_of >= starts_at + interval '1 hour' THEN used_bytes * 3600.0::float8 / extract(epoch FROM as_of - starts_at)::float8 END,
                 0, is_late::integer
          FROM readings WHERE is_valid ORDER BY card_id
          ON CONFLICT (card_id, cycle) DO UPDATE SET
            account_id = excluded.account_id,
            previous_used_bytes = u.used_bytes,
            used_bytes = CASE WHEN u.closed_by = 2 THEN u.used_bytes ELSE greatest(u.used_bytes, excluded.used_bytes) END,
            last_bytes = CASE WHEN excluded.last_as_of >= u.last_as_of THEN excluded.last_bytes ELSE u.last_bytes END,
            last_as_of = greatest(u.last_as_of, excluded.last_as_of),
            last_read_at = greatest(u.last_read_at, excluded.last_read_at),
            bytes_per_hour = {Rate("extract(epoch FROM excluded.last_as_of - u.last_as_of)::float8 / 3600", "greatest(0, excluded.used_bytes - u.used_bytes)")},
            falling_readings = u.falling_readings
              + (excluded.used_bytes < u.used_bytes AND excluded.last_as_of >= u.last_as_of AND u.closed_by IS DISTINCT FROM 2)::integer,
            late_readings = u.late_readings + excluded.late_readings,
            gap_seconds = CASE WHEN u.closed_by = 1 THEN nullif(greatest(0, u.gap_seconds
              - extract(epoch FROM greatest(excluded.last_as_of - u.last_as_of, interval '0'))::integer), 0) ELSE u.gap_seconds END
          RETURNING u.card_id, u.cycle, u.account_id, u.last_as_of, u.used_bytes - u.previous_used_bytes AS growth),
        days AS (
          INSERT INTO tb_usage_daily AS d (card_id, day, used_bytes)
          SELECT l.card_id, least((l.last_as_of AT TIME ZONE ((SELECT zones FROM calendars) ->> l.account_id::text))::date, (l.cycle + interval '1 month')::date - 1),
                 l.growth
          FROM ledger l
          WHERE l.growth > 0 ORDER BY l.card_id
          ON CONFLICT (card_id, day) DO UPDATE SET used_bytes = d.used_bytes + excluded.used_bytes),
        pools AS (
          INSERT INTO tb_usage_pool_cycle AS y (pool_id, cycle, used_bytes)
          SELECT c.pool_id, l.cycle, sum(l.growth)::bigint FROM ledger l
          CROSS JOIN LATERAL (SELECT pool_id FROM tb_card WHERE id = l.card_id OFFSET 0) c
          WHERE l.growth > 0 AND ((SELECT pooled FROM calendars) ->> l.account_id::text)::boolean AND c.pool_id IS NOT NULL GROUP BY c.pool_id, l.cycle ORDER BY c.pool_id, l.cycle
          ON CONFLICT (pool_id, cycle) DO UPDATE SET used_bytes = y.used_bytes + excluded.used_bytes)
        """;

    // Exponential smoothing over uneven times. The exponent is bounded: exp() of less is an error, not 0.
    private static string Rate(string hours, string growth) => $"""
        CASE WHEN {hours} < {RateHoursMin:R} THEN u.bytes_per_hour
             WHEN u.bytes_per_hour IS NULL THEN {growth} / ({hours})
             ELSE u.bytes_per_hour + ({growth} / ({hours}) - u.bytes_per_hour) * (1 - exp(-least(50, ({hours})
                  / CASE WHEN {growth} / ({hours}) > u.bytes_per_hour THEN {RisingHours:R} ELSE {FallingHours:R} END))) END
        """;
}
