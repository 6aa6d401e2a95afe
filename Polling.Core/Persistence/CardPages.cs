using Npgsql;
using Polling.Core.Cards;
using Polling.Core.Configuration;
using Polling.Core.Queue.Facts;

namespace Polling.Core.Persistence;

/// <summary>A card as placement needs it.</summary>
/// <param name="Id">Id.</param>
/// <param name="AccountId">Carrier account.</param>
/// <param name="Status">Card status.</param>
/// <param name="RealName">Real-name status.</param>
/// <param name="PackageId">Package, 0 for none.</param>
/// <param name="Version">Row version.</param>
/// <param name="Iccid">Iccid.</param>
/// <param name="Checked">When each task was last done for it.</param>
public readonly record struct CardRow(
    long Id, int AccountId, CardStatus Status, RealNameStatus RealName, int PackageId, long Version, string Iccid, CheckedTimes Checked);

/// <summary>When a card was last checked successfully, for each task, Unix ms; 0 = never, or the last check failed.</summary>
/// <param name="RealnameMs">Of <see cref="TaskType.Realname"/>.</param>
/// <param name="CarddataMs">Of <see cref="TaskType.Carddata"/>.</param>
/// <param name="PackageMs">Of <see cref="TaskType.Package"/>.</param>
public readonly record struct CheckedTimes(long RealnameMs, long CarddataMs, long PackageMs)
{
    /// <summary>That of a task, Unix ms.</summary>
    public long Of(TaskType type) => type switch
    {
        TaskType.Realname => RealnameMs,
        TaskType.Carddata => CarddataMs,
        TaskType.Package => PackageMs,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "not a task type"),
    };
}

/// <summary>Reads cards with the time of their last check, by id or page by page; never by offset, so a page costs the same anywhere.</summary>
public sealed class CardPages(NpgsqlDataSource postgres)
{
    private const string Facts =
        "SELECT c.id, c.account_id, c.status, c.real_name_status, coalesce(c.package_id, 0), c.row_version, c.iccid FROM tb_card c";

    // When each task was last done, ms.
    private const string Checks = """
        (extract(epoch FROM max(checked_at) FILTER (WHERE task_type = 1)) * 1000)::bigint AS realname_ms,
        (extract(epoch FROM max(checked_at) FILTER (WHERE task_type = 2)) * 1000)::bigint AS carddata_ms,
        (extract(epoch FROM max(checked_at) FILTER (WHERE task_type = 3)) * 1000)::bigint AS package_ms
        """;

    // The checks of all cards of a page are one stretch of their table, read in one go.
    private const string Page = $"""
        WITH page AS MATERIALIZED ({Facts} WHERE c.id > $1 ORDER BY c.id LIMIT $2),
        polls AS MATERIALIZED (
          SELECT card_id, {Checks} FROM tb_card_poll
          WHERE card_id > $1 AND card_id <= (SELECT max(id) FROM page) AND outcome = 1 GROUP BY card_id)
        SELECT c.*, coalesce(p.realname_ms, 0), coalesce(p.carddata_ms, 0), coalesce(p.package_ms, 0)
        FROM page c LEFT JOIN polls p ON p.card_id = c.id ORDER BY c.id
        """;

    private const string OfIds = $"""
        SELECT c.*, coalesce(p.realname_ms, 0), coalesce(p.carddata_ms, 0), coalesce(p.package_ms, 0)
        FROM ({Facts} WHERE c.id = ANY($1)) c CROSS JOIN LATERAL (
          SELECT {Checks} FROM tb_card_poll WHERE card_id = c.id AND outcome = 1) AS p
        """;

    /// <summary>The cards of these ids that exist.</summary>
    public Task<List<CardRow>> ReadAsync(IReadOnlyList<long> ids, CancellationToken cancellation) =>
        QueryAsync(OfIds, ToRow, cancellation, new NpgsqlParameter { Value = ids.ToArray() });

    /// <summary>The next cards in the order of their ids.</summary>
    /// <param name="afterId">Last id of the page before; 0 for the first.</param>
    /// <param name="count">Cards in a page.</param>
    /// <param name="cancellation">Cancels.</param>
    public Task<List<CardRow>> ReadPageAsync(long afterId, int count, CancellationToken cancellation) =>
        QueryAsync(Page, ToRow, cancellation,
            new NpgsqlParameter { Value = afterId }, new NpgsqlParameter { Value = count });

    /// <summary>The facts of the next cards in the order of their ids; without their checks a page costs a tenth.</summary>
    /// <param name="afterId">Last id of the page before; 0 for the first.</param>
    /// <param name="count">Cards in a page.</param>
    /// <param name="cancellation">Cancels.</param>
    public Task<List<CardFacts>> ReadFactsPageAsync(long afterId, int count, CancellationToken cancellation) =>
        QueryAsync(Facts + " WHERE c.id > $1 ORDER BY c.id LIMIT $2", ToFacts, cancellation,
            new NpgsqlParameter { Value = afterId }, new NpgsqlParameter { Value = count });

    /// <summary>The same of one account.</summary>
    /// <param name="accountId">Account.</param>
    /// <param name="afterId">Last id of the page before; 0 for the first.</param>
    /// <param name="count">Cards in a page.</param>
    /// <param name="cancellation">Cancels.</param>
    public Task<List<CardFacts>> ReadFactsPageOfAccountAsync(int accountId, long afterId, int count, CancellationToken cancellation) =>
        QueryAsync(Facts + " WHERE c.account_id = $3 AND c.id > $1 ORDER BY c.id LIMIT $2", ToFacts, cancellation,
            new NpgsqlParameter { Value = afterId }, new NpgsqlParameter { Value = count }, new NpgsqlParameter { Value = accountId });

    /// <summary>When cards were last checked for a task, Unix ms; 0 = never, or the last check failed.</summary>
    public async Task<IReadOnlyDictionary<long, long>> ReadChecksAsync(TaskType type, IReadOnlyList<long> ids, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(ids);
        var checks = ids.ToDictionary(id => id, _ => 0L);
        if (ids.Count > 0)
        {
            const string Sql = """
                SELECT card_id, (extract(epoch FROM checked_at) * 1000)::bigint FROM tb_card_poll
                WHERE task_type = $1 AND outcome = 1 AND card_id = ANY($2)
                """;
            foreach (var (id, ms) in await QueryAsync(Sql, reader => (reader.GetInt64(0), reader.GetInt64(1)), cancellation,
                new NpgsqlParameter { Value = (short)type }, new NpgsqlParameter { Value = ids.ToArray() }))
            {
                checks[id] = ms;
            }
        }

        return checks;
    }

    /// <summary>The facts of the cards of these ids that exist.</summary>
    public Task<List<CardFacts>> ReadFactsAsync(IReadOnlyCollection<long> ids, CancellationToken cancellation) =>
        QueryAsync(Facts + " WHERE c.id = ANY($1)", ToFacts, cancellation, new NpgsqlParameter { Value = ids.ToArray() });

    /// <summary>Number of cards.</summary>
    public async Task<long> CountAsync(CancellationToken cancellation)
    {
        await using var command = postgres.CreateCommand("SELECT count(*) FROM tb_card");
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }

    private static CardRow ToRow(NpgsqlDataReader reader) => new(
        reader.GetInt64(0), reader.GetInt32(1), (CardStatus)reader.GetInt16(2), (RealNameStatus)reader.GetInt16(3),
        reader.GetInt32(4), reader.GetInt64(5), reader.GetString(6),
        new CheckedTimes(reader.GetInt64(7), reader.GetInt64(8), reader.GetInt64(9)));

    private static CardFacts ToFacts(NpgsqlDataReader reader) => new(
        reader.GetInt64(0), reader.GetInt32(1), (CardStatus)reader.GetInt16(2), (RealNameStatus)reader.GetInt16(3),
        reader.GetInt32(4), reader.GetInt64(5), reader.GetString(6));

    private async Task<List<T>> QueryAsync<T>(
        string sql, Func<NpgsqlDataReader, T> read, CancellationToken cancellation, params NpgsqlParameter[] parameters)
    {
        await using var command = postgres.CreateCommand(sql);
        command.Parameters.AddRange(parameters);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellation))
        {
            rows.Add(read(reader));
        }

        return rows;
    }
}
