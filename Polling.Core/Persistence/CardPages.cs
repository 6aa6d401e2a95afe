using Npgsql;
using NpgsqlTypes;
using Polling.Core.Cards;
using Polling.Core.Configuration;

namespace Polling.Core.Persistence;

/// <summary>A card as placement needs it.</summary>
/// <param name="Id">Id.</param>
/// <param name="AccountId">Carrier account.</param>
/// <param name="Status">Card status.</param>
/// <param name="RealName">Real-name status.</param>
/// <param name="PackageId">Package, 0 for none.</param>
/// <param name="Version">Row version.</param>
/// <param name="Iccid">Iccid.</param>
/// <param name="CheckedMs">When it was last checked successfully, Unix ms; 0 = never, or the last check failed.</param>
public readonly record struct CardRow(
    long Id, int AccountId, CardStatus Status, RealNameStatus RealName, int PackageId, long Version, string Iccid, long CheckedMs);

/// <summary>Reads cards with the time of their last check, by id or page by page; never by offset, so a page costs the same anywhere.</summary>
public sealed class CardPages(NpgsqlDataSource postgres)
{
    private const string Columns = """
        SELECT c.id, c.account_id, c.status, c.real_name_status, coalesce(c.package_id, 0), c.row_version, c.iccid,
               CASE WHEN p.outcome = 1 THEN (extract(epoch FROM p.checked_at) * 1000)::bigint ELSE 0 END
        FROM tb_card c LEFT JOIN tb_card_poll p ON p.card_id = c.id AND p.task_type = $1
        """;

    /// <summary>The cards of these ids that exist.</summary>
    public Task<List<CardRow>> ReadAsync(TaskType type, IReadOnlyList<long> ids, CancellationToken cancellation) =>
        QueryAsync(Columns + " WHERE c.id = ANY($2)", type, cancellation, new NpgsqlParameter { Value = ids.ToArray() });

    /// <summary>The next cards in the order of their ids.</summary>
    /// <param name="type">Task type whose last check is wanted.</param>
    /// <param name="afterId">Last id of the page before; 0 for the first.</param>
    /// <param name="count">Cards in a page.</param>
    /// <param name="cancellation">Cancels.</param>
    public Task<List<CardRow>> ReadPageAsync(TaskType type, long afterId, int count, CancellationToken cancellation) =>
        QueryAsync(Columns + " WHERE c.id > $2 ORDER BY c.id LIMIT $3", type, cancellation,
            new NpgsqlParameter { Value = afterId }, new NpgsqlParameter { Value = count });

    /// <summary>Number of cards.</summary>
    public async Task<long> CountAsync(CancellationToken cancellation)
    {
        await using var command = postgres.CreateCommand("SELECT count(*) FROM tb_card");
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }

    private async Task<List<CardRow>> QueryAsync(string sql, TaskType type, CancellationToken cancellation, params NpgsqlParameter[] parameters)
    {
        await using var command = postgres.CreateCommand(sql);
        command.Parameters.Add(new NpgsqlParameter { Value = (short)type, NpgsqlDbType = NpgsqlDbType.Smallint });
        command.Parameters.AddRange(parameters);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var rows = new List<CardRow>();
        while (await reader.ReadAsync(cancellation))
        {
            rows.Add(new CardRow(
                reader.GetInt64(0), reader.GetInt32(1), (CardStatus)reader.GetInt16(2), (RealNameStatus)reader.GetInt16(3),
                reader.GetInt32(4), reader.GetInt64(5), reader.GetString(6), reader.GetInt64(7)));
        }

        return rows;
    }
}
