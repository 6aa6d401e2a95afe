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
        """
        SELECT c.id, c.iccid, a.code, u.used_bytes,
               p.allowance_bytes + coalesce((SELECT sum(allowance_bytes) FROM tb_package_addon d WHERE d.card_id = c.id AND d.cycle = u.cycle), 0)::bigint,
               s.stopped_by, u.cycle
        FROM tb_card c JOIN tb_carrier_account a ON a.id = c.account_id JOIN tb_package p ON p.id = c.package_id
        JOIN tb_usage_cycle u ON u.card_id = c.id AND u.cycle = polling_cycle($1::timestamptz AT TIME ZONE polling_zone(a.time_zone), a.billing_cycle_day::integer)
        LEFT JOIN tb_card_stop s ON s.card_id = c.id
        """,
        row => new CardStanding(
            row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetInt64(3), row.GetInt64(4), row.IsDBNull(5) ? null : row.GetInt16(5),
            row.GetFieldValue<DateOnly>(6)),
        now.UtcDateTime);

    /// <summary>Cycles that are over for a while and that their carriers have not stated yet.</summary>
    public async Task<long> UnstatedAsync(DateTimeOffset now) => (await ReadAsync(
        """
        SELECT count(*) FROM tb_usage_cycle u JOIN tb_carrier_account a ON a.id = u.account_id
        WHERE u.closed_at IS NULL AND a.dialect <> 'onelink'
          AND u.cycle < polling_cycle(($1::timestamptz - interval '6 hours') AT TIME ZONE polling_zone(a.time_zone), a.billing_cycle_day::integer)
        """,
        row => row.GetInt64(0),
        now.UtcDateTime)).Single();

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
