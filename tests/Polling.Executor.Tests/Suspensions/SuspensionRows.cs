using Polling.Executor.Tests.Results;

namespace Polling.Executor.Tests.Suspensions;

/// <summary>Rows of the outbox, one for each card.</summary>
internal static class SuspensionRows
{
    public static async Task AddAsync(ResultDatabase database, int count, int firstCard = 0, int rule = 1, int action = 1)
    {
        await using var command = database.Source.CreateCommand(
            """
            INSERT INTO tb_suspension (card_id, account_id, action, rule, cycle, episode, state, reason, requested_by, created_at, next_attempt_at, attempts)
            SELECT id, account_id, $3, $4, $5, 1, 1, 'test', 'test', $6, $6, 0 FROM tb_card ORDER BY id OFFSET $1 LIMIT $2
            """);
        foreach (object value in new object[] { firstCard, count, (short)action, (short)rule, ResultDatabase.November, ResultDatabase.Noon.UtcDateTime })
        {
            command.Parameters.Add(new Npgsql.NpgsqlParameter { Value = value });
        }

        Assert.Equal(count, await command.ExecuteNonQueryAsync(ResultDatabase.Stop));
    }
}
