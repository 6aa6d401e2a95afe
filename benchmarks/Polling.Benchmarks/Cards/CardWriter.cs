using Npgsql;
using NpgsqlTypes;

namespace Polling.Benchmarks.Cards;

/// <summary>Writes a made-up fleet into PostgreSQL: carriers, accounts and packages that lack, and all cards by one binary COPY, all or none.</summary>
internal sealed class CardWriter(NpgsqlDataSource database, CardSpread spread)
{
    private const int ReportEvery = 10_000;

    /// <summary>About how many cards there are; exact while they are few.</summary>
    public async Task<long> CountCardsAsync(CancellationToken cancellation)
    {
        const int Exactly = 1_000;
        var few = await ScalarAsync($"SELECT count(*) FROM (SELECT 1 FROM tb_card LIMIT {Exactly}) AS c", cancellation);
        return few < Exactly ? few : Math.Max(few, await ScalarAsync("SELECT reltuples::bigint FROM pg_class WHERE oid = 'tb_card'::regclass", cancellation));
    }

    /// <summary>The number after the highest that any made-up card has; 1 = there is none.</summary>
    public async Task<long> NextNumberAsync(CancellationToken cancellation)
    {
        var next = 1L;
        foreach (var carrier in LoadFleet.Carriers)
        {
            var prefix = carrier.IccidPrefix + CardGenerator.Series;
            await using var command = database.CreateCommand("SELECT max(iccid) FROM tb_card WHERE iccid LIKE $1 AND length(iccid) = $2");
            command.Parameters.Add(new NpgsqlParameter { Value = prefix + "%" });
            command.Parameters.Add(new NpgsqlParameter { Value = carrier.IccidLength });
            if (await command.ExecuteScalarAsync(cancellation) is string iccid && long.TryParse(iccid.AsSpan(prefix.Length, iccid.Length - prefix.Length - 1), out var number))
            {
                next = Math.Max(next, number + 1);
            }
        }

        return next;
    }

    /// <summary>Writes it all.</summary>
    /// <param name="cards">The cards.</param>
    /// <param name="report">Takes how many are written.</param>
    /// <param name="cancellation">Ends it; nothing remains then.</param>
    public async Task WriteAsync(IEnumerable<GeneratedCard> cards, Action<long> report, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var accounts = await AddAccountsAsync(connection, cancellation);
        var packages = await AddPackagesAsync(connection, cancellation);
        await CopyAsync(connection, cards, accounts, packages, report, cancellation);
        await transaction.CommitAsync(cancellation);
        await using var analyze = new NpgsqlCommand("ANALYZE tb_card", connection);
        await analyze.ExecuteNonQueryAsync(cancellation);
    }

    private static async Task CopyAsync(
        NpgsqlConnection connection, IEnumerable<GeneratedCard> cards, (int Carrier, int Account)[] accounts, int[] packages, Action<long> report, CancellationToken cancellation)
    {
        await using var copy = await connection.BeginBinaryImportAsync(
            "COPY tb_card (iccid, msisdn, imsi, carrier_id, account_id, status, real_name_status, package_id) FROM STDIN (FORMAT BINARY)", cancellation);
        copy.Timeout = Timeout.InfiniteTimeSpan;
        var written = 0L;
        foreach (var card in cards)
        {
            await copy.StartRowAsync(cancellation);
            await copy.WriteAsync(card.Iccid, NpgsqlDbType.Varchar, cancellation);
            await copy.WriteAsync(card.Msisdn, NpgsqlDbType.Varchar, cancellation);
            await copy.WriteAsync(card.Imsi, NpgsqlDbType.Varchar, cancellation);
            await copy.WriteAsync(accounts[card.Account].Carrier, NpgsqlDbType.Integer, cancellation);
            await copy.WriteAsync(accounts[card.Account].Account, NpgsqlDbType.Integer, cancellation);
            await copy.WriteAsync((short)card.Status, NpgsqlDbType.Smallint, cancellation);
            await copy.WriteAsync((short)card.RealName, NpgsqlDbType.Smallint, cancellation);
            if (card.Package is { } package)
            {
                await copy.WriteAsync(packages[package], NpgsqlDbType.Integer, cancellation);
            }
            else
            {
                await copy.WriteNullAsync(cancellation);
            }

            if (++written % ReportEvery == 0)
            {
                report(written);
            }
        }

        await copy.CompleteAsync(cancellation);
        report(written);
    }

    private async Task<(int Carrier, int Account)[]> AddAccountsAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        var carriers = new Dictionary<LoadCarrier, int>();
        foreach (var carrier in LoadFleet.Carriers)
        {
            carriers[carrier] = await IdAsync(
                connection, "tb_carrier", "(code, name) VALUES ($1, $2)", carrier.Code, cancellation, carrier.Code, carrier.Name);
        }

        var ids = new List<(int, int)>();
        foreach (var account in spread.Accounts)
        {
            var id = await IdAsync(
                connection, "tb_carrier_account", "(code, name, carrier_id, calls_per_second, cards_per_call, max_in_flight, status) VALUES ($1, $2, $3, $4, $5, $6, 1)",
                account.Code, cancellation, account.Code, account.Code, carriers[account.Carrier], account.Quota.CallsPerSecond, account.Carrier.CardsPerCall,
                account.Quota.MaxInFlight);
            ids.Add((carriers[account.Carrier], id));
        }

        return [.. ids];
    }

    private static async Task<int[]> AddPackagesAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        var ids = new List<int>();
        foreach (var package in LoadFleet.Packages)
        {
            ids.Add(await IdAsync(
                connection, "tb_package", "(code, name, allowance_bytes, is_directional) VALUES ($1, $2, $3, false)", package.Code, cancellation, package.Code, package.Code, package.AllowanceBytes));
        }

        return [.. ids];
    }

    private static async Task<int> IdAsync(
        NpgsqlConnection connection, string table, string insert, string code, CancellationToken cancellation, params object[] values)
    {
        await using (var add = new NpgsqlCommand($"INSERT INTO {table} {insert} ON CONFLICT (code) DO NOTHING", connection))
        {
            add.Parameters.AddRange(Array.ConvertAll(values, value => new NpgsqlParameter { Value = value }));
            await add.ExecuteNonQueryAsync(cancellation);
        }

        await using var find = new NpgsqlCommand($"SELECT id FROM {table} WHERE code = $1", connection);
        find.Parameters.Add(new NpgsqlParameter { Value = code });
        return (int)(await find.ExecuteScalarAsync(cancellation))!;
    }

    private async Task<long> ScalarAsync(string sql, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }
}
