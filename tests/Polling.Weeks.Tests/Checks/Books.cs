using Npgsql;

namespace Polling.Weeks.Tests.Checks;

/// <summary>A row of the ledger.</summary>
/// <param name="Card">Its iccid.</param>
/// <param name="Cycle">First day.</param>
/// <param name="UsedBytes">What it stands at.</param>
/// <param name="IsStated">The carrier stated it.</param>
/// <param name="IsSilent">The carrier says neither cycle nor as-of, and the cycle is not closed.</param>
internal sealed record LedgerRow(string Card, DateOnly Cycle, long UsedBytes, bool IsStated, bool IsSilent);

/// <summary>A suspension or resume as the system has it.</summary>
internal sealed record SuspensionRow(
    long Id, long CardId, string Card, bool IsStop, short Rule, DateOnly Cycle, int Episode, short State, long? UsedBytes, long? LimitBytes, DateTimeOffset CreatedAt,
    string Reason)
{
    public bool IsDone => State == 10;

    public bool ByLimit => IsStop && Rule == 1;

    public override string ToString() => $"{Id} {(IsStop ? "stop" : "resume")} by rule {Rule}, episode {Episode}, state {State}, {CreatedAt:u}: {Reason}";
}

/// <summary>A card and how it stands to its limit.</summary>
internal sealed record CardStanding(long CardId, string Card, string Account, long UsedBytes, long LimitBytes, short? StoppedBy, DateOnly Cycle);

/// <summary>A card that was not read yet.</summary>
/// <param name="CardId">The card.</param>
/// <param name="HasFailed">It was asked, and is asked again by itself.</param>
internal readonly record struct UnreadCard(long CardId, bool HasFailed);

/// <summary>Suspensions and resumes that are not done.</summary>
/// <param name="Held">An executor is at them.</param>
/// <param name="Due">May be taken now.</param>
/// <param name="NextAt">The last of those that wait for less than ten minutes may be taken then.</param>
/// <param name="Unasked">Cards whose resume is still to be asked for.</param>
internal sealed record OutboxState(long Held, long Due, DateTimeOffset? NextAt, long Unasked);

/// <summary>Reads what the system has written down.</summary>
internal sealed class Books(NpgsqlDataSource postgres)
{
    public Task<List<LedgerRow>> LedgerAsync() => ReadAsync(
        """
        SELECT c.iccid, u.cycle, u.used_bytes, coalesce(u.closed_by = 2, false), a.dialect = 'onelink' AND u.closed_at IS NULL
        FROM tb_usage_cycle u JOIN tb_card c ON c.id = u.card_id JOIN tb_carrier_account a ON a.id = u.account_id ORDER BY 1, 2
        """,
        row => new LedgerRow(row.GetString(0), row.GetFieldValue<DateOnly>(1), row.GetInt64(2), row.GetBoolean(3), row.GetBoolean(4)));

    public Task<List<SuspensionRow>> SuspensionsAsync() => ReadAsync(
        """
        SELECT s.id, s.card_id, c.iccid, s.action = 1, s.rule, s.cycle, s.episode, s.state, s.used_bytes, s.limit_bytes, s.created_at, s.reason
        FROM tb_suspension s JOIN tb_card c ON c.id = s.card_id ORDER BY s.id
        """,
        row => new SuspensionRow(
            row.GetInt64(0), row.GetInt64(1), row.GetString(2), row.GetBoolean(3), row.GetInt16(4), row.GetFieldValue<DateOnly>(5), row.GetInt32(6), row.GetInt16(7),
            row.IsDBNull(8) ? null : row.GetInt64(8), row.IsDBNull(9) ? null : row.GetInt64(9), row.GetFieldValue<DateTimeOffset>(10), row.GetString(11)));

    /// <summary>All cards with a reading in the cycle that runs now.</summary>
    public Task<List<CardStanding>> StandingsAsync(DateTimeOffset now) => ReadAsync(
        $"""
        SELECT c.id, c.iccid, a.code, u.used_bytes, {Limit}, s.stopped_by, u.cycle
        FROM (SELECT) one {Standing} ON u.card_id IS NOT NULL LEFT JOIN tb_card_stop s ON s.card_id = c.id
        """,
        row => new CardStanding(
            row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetInt64(3), row.GetInt64(4), row.IsDBNull(5) ? null : row.GetInt16(5),
            row.GetFieldValue<DateOnly>(6)),
        now.UtcDateTime);

    /// <summary>Suspensions and resumes that are to be done, or to be asked for, now.</summary>
    public async Task<OutboxState> OutboxAsync(DateTimeOffset now) => (await ReadAsync(
        $"""
        SELECT count(*) FILTER (WHERE x.lease_until > now()),
               count(*) FILTER (WHERE x.next_attempt_at <= $1 AND (x.lease_until IS NULL OR x.lease_until <= now())),
               max(x.next_attempt_at) FILTER (WHERE x.next_attempt_at > $1 AND x.next_attempt_at <= $1::timestamptz + interval '10 minutes'),
               (SELECT count(*) FROM tb_card_stop t JOIN tb_suspension s ON s.id = t.suspension_id {Standing} ON c.id = t.card_id
                WHERE t.stopped_by = 1 AND coalesce(u.used_bytes <= {Limit}, true) AND NOT EXISTS (
                  SELECT FROM tb_suspension r WHERE r.card_id = t.card_id AND r.action = 2 AND r.cycle = y.cycle AND r.episode = t.episode))
        FROM tb_suspension x WHERE x.state IN (1, 3, 4)
        """,
        row => new OutboxState(row.GetInt64(0), row.GetInt64(1), row.IsDBNull(2) ? null : row.GetFieldValue<DateTimeOffset>(2), row.GetInt64(3)),
        now.UtcDateTime)).Single();

    /// <summary>Cards of which there is no answer about usage since a moment.</summary>
    public Task<List<UnreadCard>> UnreadAsync(DateTimeOffset since) => ReadAsync(
        """
        SELECT c.id, coalesce(p.checked_at >= $1, false) FROM tb_card c LEFT JOIN tb_card_poll p ON p.card_id = c.id AND p.task_type = 2
        WHERE NOT coalesce(p.outcome = 1 AND p.checked_at >= $1, false)
          AND NOT EXISTS (SELECT FROM tb_usage_cycle u WHERE u.card_id = c.id AND u.last_read_at >= $1)
        ORDER BY c.id
        """,
        row => new UnreadCard(row.GetInt64(0), row.GetBoolean(1)),
        since.UtcDateTime);

    /// <summary>Cycles that are over for a while and that their carriers have not stated yet.</summary>
    public async Task<long> UnstatedAsync(DateTimeOffset now) => (await ReadAsync(
        """
        SELECT count(*) FROM tb_usage_cycle u JOIN tb_carrier_account a ON a.id = u.account_id
        WHERE u.closed_at IS NULL AND a.dialect <> 'onelink'
          AND u.cycle < polling_cycle(($1::timestamptz - interval '6 hours') AT TIME ZONE polling_zone(a.time_zone), a.billing_cycle_day::integer)
        """,
        row => row.GetInt64(0),
        now.UtcDateTime)).Single();

    // Cards with what they used in the cycle that runs at $1, and what of it they may.
    private const string Standing = """
        JOIN (tb_card c JOIN tb_carrier_account a ON a.id = c.account_id JOIN tb_package p ON p.id = c.package_id
          CROSS JOIN LATERAL (
            SELECT polling_cycle($1::timestamptz AT TIME ZONE polling_zone(a.time_zone), a.billing_cycle_day::integer) AS cycle) y
          LEFT JOIN tb_usage_cycle u ON u.card_id = c.id AND u.cycle = y.cycle)
        """;

    private const string Limit =
        "p.allowance_bytes + coalesce((SELECT sum(allowance_bytes) FROM tb_package_addon d WHERE d.card_id = c.id AND d.cycle = y.cycle), 0)::bigint";

    private async Task<List<T>> ReadAsync<T>(string sql, Func<NpgsqlDataReader, T> read, params object[] values)
    {
        await using var command = postgres.CreateCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<T>();
        while (await reader.ReadAsync())
        {
            rows.Add(read(reader));
        }

        return rows;
    }
}
