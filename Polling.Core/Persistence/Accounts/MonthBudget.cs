using Npgsql;

namespace Polling.Core.Persistence.Accounts;

/// <summary>A part of an account's monthly budget, reserved ahead of use.</summary>
/// <param name="Calls">Calls in it.</param>
/// <param name="Reserved">The month's calls reserved so far, this block included; names the block, as it only grows.</param>
public readonly record struct MonthBlock(long Calls, long Reserved);

/// <summary>Reserves monthly calls in <c>tb_account_month_use</c>, in blocks of 1 % of the budget, 100 at least.</summary>
/// <remarks>
/// One statement, so any number of processes may reserve at once and the sum never exceeds the budget in force. A block that is
/// lost on its way counts as used.
/// </remarks>
public sealed class MonthBudget(NpgsqlDataSource database)
{
    private const int TimeoutSeconds = 2;

    // After a conflict the row is locked and read again, so `used` is the latest.
    private const string Sql =
        """
        INSERT INTO tb_account_month_use AS used (account_id, month, calls, last_block)
        SELECT id, $2, least(block, calls_per_month), least(block, calls_per_month)
        FROM (SELECT id, calls_per_month, greatest(calls_per_month / 100, 100) AS block
              FROM tb_carrier_account WHERE id = $1 AND calls_per_month >= 1) AS account
        ON CONFLICT (account_id, month) DO UPDATE SET (calls, last_block) = (
            SELECT used.calls + block, block
            FROM (SELECT least(greatest(calls_per_month / 100, 100), calls_per_month - used.calls) AS block
                  FROM tb_carrier_account WHERE id = used.account_id) AS next)
        WHERE used.calls < (SELECT calls_per_month FROM tb_carrier_account WHERE id = used.account_id)
        RETURNING last_block, calls
        """;

    /// <summary>Reserves the next block.</summary>
    /// <param name="accountId">Carrier account.</param>
    /// <param name="month">First day of the month, in the account's time zone.</param>
    /// <returns>The block, or null when nothing is left of the budget, or the account has none.</returns>
    /// <exception cref="NpgsqlException">PostgreSQL cannot be asked, or took more than 2 s; a block may have been reserved.</exception>
    public async Task<MonthBlock?> ReserveAsync(int accountId, DateOnly month)
    {
        await using var command = database.CreateCommand(Sql);
        command.CommandTimeout = TimeoutSeconds;
        command.Parameters.Add(new NpgsqlParameter { Value = accountId });
        command.Parameters.Add(new NpgsqlParameter { Value = month });
        await using var reader = await command.ExecuteReaderAsync();
        return await reader.ReadAsync() ? new MonthBlock(reader.GetInt64(0), reader.GetInt64(1)) : null;
    }
}
