using System.Globalization;
using Npgsql;
using Polling.Core.Carriers;
using Polling.Core.Packages;
using Polling.Core.Usage;

namespace Polling.Core.Persistence.Usage;

/// <summary>A cycle that is over and waits for the carrier's statement; held for a while by whoever took it.</summary>
/// <param name="CardId">The card.</param>
/// <param name="Cycle">First day of the cycle.</param>
/// <param name="AccountId">The account that was asked last.</param>
/// <param name="Dialect">How it is spoken to.</param>
/// <param name="Iccid">The card's number.</param>
public readonly record struct EndedCycle(long CardId, DateOnly Cycle, int AccountId, CarrierDialect Dialect, string Iccid);

/// <summary>What one step of closing did.</summary>
/// <param name="Closed">Cycles that were closed with their last reading.</param>
/// <param name="Gaps">Of them, those with time at their end that no reading covers.</param>
/// <param name="LongestGap">The longest such time.</param>
public readonly record struct ClosedCycles(int Closed, int Gaps, TimeSpan LongestGap);

/// <summary>
/// Closes billing cycles that are over. Rows of <c>tb_usage_cycle</c> without <c>closed_at</c> are the work list: where the dialect states past cycles,
/// executors take some, ask, and write the statement down; the others, and those that the carrier does not state in time, are closed by the
/// scheduler with their last valid reading.
/// </summary>
/// <remarks>
/// Taking is a lease in the row (<c>close_after</c>), so a dead executor's work is taken again; rows that a result is being written to are passed over,
/// so nobody waits for anybody. A statement counts once: a cycle that has one is closed for good, also for late readings.
/// </remarks>
public sealed class CycleClosing(NpgsqlDataSource postgres)
{
    /// <summary>A carrier is asked so long after the end, when late figures are in.</summary>
    public static readonly TimeSpan StatementAfter = TimeSpan.FromHours(6);

    /// <summary>Without a statement a cycle is closed with its last reading so long after its end: late readings have come by then.</summary>
    public static readonly TimeSpan ReadingAfter = TimeSpan.FromHours(UsageLedger.GraceHours);

    /// <summary>A carrier that should state it is waited for so long.</summary>
    public static readonly TimeSpan StatementWait = TimeSpan.FromDays(7);

    private static readonly string Stating = string.Join(", ", Enum.GetValues<CarrierDialect>().Where(d => d.StatesPastCycles()).Select(d => $"'{d.Name()}'"));

    // The accounts and the cycle of each that holds a moment: cycles before it were over then.
    private const string Calendars = """
        calendars AS MATERIALIZED (
          SELECT a.id, a.dialect, polling_zone(a.time_zone) AS zone, a.billing_cycle_day::integer AS first_day FROM tb_carrier_account a)
        """;

    /// <summary>Takes some cycles that the carrier can be asked about, a few of each account.</summary>
    /// <param name="perAccount">At most so many of each account.</param>
    /// <param name="now">Now.</param>
    /// <param name="hold">For so long they are the taker's.</param>
    /// <param name="cancellation">Cancels.</param>
    public async Task<IReadOnlyList<EndedCycle>> TakeAsync(int perAccount, DateTimeOffset now, TimeSpan hold, CancellationToken cancellation)
    {
        await using var command = postgres.CreateCommand(
            $"""
            WITH {Calendars},
            due AS (
              SELECT u.card_id, u.cycle FROM calendars a CROSS JOIN LATERAL (
                SELECT u.card_id, u.cycle FROM tb_usage_cycle u
                WHERE u.account_id = a.id AND u.closed_at IS NULL AND u.cycle < polling_cycle(($1::timestamptz - $4::interval) AT TIME ZONE a.zone, a.first_day)
                  AND (u.close_after IS NULL OR u.close_after <= $1)
                ORDER BY u.cycle, u.card_id LIMIT $3 FOR UPDATE SKIP LOCKED) u
              WHERE a.dialect IN ({Stating})),
            taken AS (
              UPDATE tb_usage_cycle u SET close_after = $1 + $2::interval, close_attempts = u.close_attempts + 1
              FROM due d WHERE u.card_id = d.card_id AND u.cycle = d.cycle RETURNING u.card_id, u.cycle, u.account_id)
            SELECT t.card_id, t.cycle, t.account_id, a.dialect, c.iccid FROM taken t JOIN calendars a ON a.id = t.account_id JOIN tb_card c ON c.id = t.card_id
            """);
        Add(command, now.UtcDateTime, hold, perAccount, StatementAfter);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var cycles = new List<EndedCycle>();
        while (await reader.ReadAsync(cancellation))
        {
            cycles.Add(new EndedCycle(
                reader.GetInt64(0), reader.GetFieldValue<DateOnly>(1), reader.GetInt32(2), CarrierDialects.Find(reader.GetString(3)) ?? CarrierDialect.Plain,
                reader.GetString(4)));
        }

        return cycles;
    }

    /// <summary>Gives a cycle back that was not stated, to be taken again later.</summary>
    /// <param name="cycle">The cycle.</param>
    /// <param name="now">Now.</param>
    /// <param name="pause">Not before so long; doubled with each attempt, up to six hours.</param>
    /// <param name="wasAsked">False: nothing was sent, it was no attempt.</param>
    /// <param name="cancellation">Cancels.</param>
    public async Task GiveBackAsync(EndedCycle cycle, DateTimeOffset now, TimeSpan pause, bool wasAsked, CancellationToken cancellation)
    {
        await using var command = postgres.CreateCommand(
            """
            UPDATE tb_usage_cycle SET close_attempts = close_attempts - CASE WHEN $5 THEN 0 ELSE 1 END,
              close_after = $3::timestamptz + CASE WHEN $5 THEN least($4::interval * power(2, least(20, close_attempts - 1)), interval '6 hours') ELSE $4::interval END
            WHERE card_id = $1 AND cycle = $2 AND closed_at IS NULL
            """);
        Add(command, cycle.CardId, cycle.Cycle, now.UtcDateTime, pause, wasAsked);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Closes a cycle with what the carrier stated for the whole of it, higher or lower than the readings.</summary>
    /// <remarks>What it adds is the last day's; what it takes away is taken from the pool only, for a day's use is never negative.</remarks>
    /// <returns>False: it has a statement already.</returns>
    public async Task<bool> StateAsync(EndedCycle cycle, long usedBytes, DateTimeOffset now, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(usedBytes);
        await using var command = postgres.CreateCommand(
            string.Create(CultureInfo.InvariantCulture, $"""
            WITH stated AS (
              UPDATE tb_usage_cycle u SET previous_used_bytes = u.used_bytes, used_bytes = $3, closed_at = $4,
                     closed_by = {(short)CycleClose.CarrierStatement}, gap_seconds = NULL
              WHERE u.card_id = $1 AND u.cycle = $2 AND u.closed_by IS DISTINCT FROM {(short)CycleClose.CarrierStatement}
              RETURNING u.card_id, u.cycle, u.used_bytes - u.previous_used_bytes AS growth),
            days AS (
              INSERT INTO tb_usage_daily AS d (card_id, day, used_bytes)
              SELECT card_id, (cycle + interval '1 month')::date - 1, growth FROM stated WHERE growth > 0
              ON CONFLICT (card_id, day) DO UPDATE SET used_bytes = d.used_bytes + excluded.used_bytes),
            pools AS (
              UPDATE tb_usage_pool_cycle y SET used_bytes = greatest(0, y.used_bytes + s.growth)
              FROM stated s JOIN tb_card c ON c.id = s.card_id WHERE y.pool_id = c.pool_id AND y.cycle = s.cycle AND s.growth <> 0)
            SELECT count(*)::integer FROM stated
            """));
        Add(command, cycle.CardId, cycle.Cycle, usedBytes, now.UtcDateTime);
        return (int)(await command.ExecuteScalarAsync(cancellation))! > 0;
    }

    /// <summary>Closes some cycles with their last valid reading, which nobody will state any more.</summary>
    /// <remarks>
    /// Of a carrier that says neither cycle nor as-of, readings after the end count only if the figure was seen to begin anew (<see cref="UsageLedger"/>): else they may have been
    /// the new cycle's, and the last reading before the end holds, with a gap from there.
    /// </remarks>
    /// <param name="count">At most so many of each account.</param>
    /// <param name="now">Now.</param>
    /// <param name="fence">Fails when another scheduler may be at it by now.</param>
    /// <param name="cancellation">Cancels.</param>
    public async Task<ClosedCycles> CloseAsync(int count, DateTimeOffset now, Func<NpgsqlTransaction, Task> fence, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(fence);
        await using var connection = await postgres.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await fence(transaction);
        await using var command = new NpgsqlCommand(
            string.Create(CultureInfo.InvariantCulture, $"""
            WITH {Calendars},
            due AS (
              SELECT u.card_id, u.cycle, e.starts_at, e.ends_at, r.used_bytes, r.checked_at,
                     a.dialect NOT IN ({Stating}) AND u.late_readings > 0 AND NOT EXISTS (
                       SELECT FROM tb_usage_cycle n WHERE n.card_id = u.card_id AND n.cycle = (u.cycle + interval '1 month')::date
                         AND n.first_read_at < e.ends_at + $3::interval) AS is_unsure
              FROM calendars a CROSS JOIN LATERAL (
                SELECT u.card_id, u.cycle, u.late_readings FROM tb_usage_cycle u
                WHERE u.account_id = a.id AND u.closed_at IS NULL
                  AND u.cycle < polling_cycle(($1::timestamptz - CASE WHEN a.dialect IN ({Stating}) THEN $4::interval ELSE $3::interval END) AT TIME ZONE a.zone, a.first_day)
                ORDER BY u.cycle, u.card_id LIMIT $2 FOR UPDATE SKIP LOCKED) u
              CROSS JOIN LATERAL (
                SELECT u.cycle::timestamp AT TIME ZONE a.zone AS starts_at, (u.cycle + interval '1 month') AT TIME ZONE a.zone AS ends_at) e
              LEFT JOIN LATERAL (
                SELECT max(r.used_bytes) AS used_bytes, max(r.checked_at) AS checked_at FROM tb_usage_record r
                WHERE u.late_readings > 0 AND r.card_id = u.card_id AND r.task_type = 2 AND r.scheduled_at >= e.starts_at AND r.scheduled_at < e.ends_at
                  AND r.checked_at < e.ends_at AND r.used_bytes <= {Package.AllowanceBytesMax}) r ON true),
            closed AS (
              UPDATE tb_usage_cycle u SET closed_at = $1, closed_by = {(short)CycleClose.LastReading}, previous_used_bytes = u.used_bytes,
                used_bytes = CASE WHEN d.is_unsure THEN least(u.used_bytes, coalesce(d.used_bytes, 0)) ELSE u.used_bytes END,
                gap_seconds = nullif(greatest(0, extract(epoch FROM
                  d.ends_at - CASE WHEN d.is_unsure THEN coalesce(d.checked_at, d.starts_at) ELSE u.last_as_of END)::bigint), 0)::integer
              FROM due d WHERE u.card_id = d.card_id AND u.cycle = d.cycle
              RETURNING u.card_id, u.cycle, u.gap_seconds, u.used_bytes - u.previous_used_bytes AS growth),
            pools AS (
              UPDATE tb_usage_pool_cycle y SET used_bytes = greatest(0, y.used_bytes + g.growth)
              FROM (
                SELECT c.pool_id, s.cycle, sum(s.growth)::bigint AS growth FROM closed s JOIN tb_card c ON c.id = s.card_id
                WHERE s.growth <> 0 AND c.pool_id IS NOT NULL GROUP BY c.pool_id, s.cycle) g
              WHERE y.pool_id = g.pool_id AND y.cycle = g.cycle)
            SELECT count(*)::integer, count(gap_seconds)::integer, coalesce(max(gap_seconds), 0) FROM closed
            """), connection, transaction);
        Add(command, now.UtcDateTime, count, ReadingAfter, StatementWait);
        ClosedCycles closed;
        await using (var reader = await command.ExecuteReaderAsync(cancellation))
        {
            await reader.ReadAsync(cancellation);
            closed = new ClosedCycles(reader.GetInt32(0), reader.GetInt32(1), TimeSpan.FromSeconds(reader.GetInt32(2)));
        }

        await transaction.CommitAsync(cancellation);
        return closed;
    }

    private static void Add(NpgsqlCommand command, params ReadOnlySpan<object> values)
    {
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }
    }
}
