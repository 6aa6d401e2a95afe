using Npgsql;

namespace Polling.Core.Persistence.Suspensions;

/// <summary>Releases an account's breaker against mass suspension.</summary>
public sealed class BreakerRelease(NpgsqlDataSource postgres)
{
    /// <summary>Code of what a person has discarded: no reading takes it up again.</summary>
    internal const string Discarded = "discarded";

    /// <summary>Releases it: from now on suspensions are counted anew.</summary>
    /// <param name="accountId">The account.</param>
    /// <param name="discard">Whether what it holds is void, for its episode; else it goes on, and each card is looked at once more.</param>
    /// <param name="by">Who releases it.</param>
    /// <param name="now">When.</param>
    /// <param name="cancellation">Cancels.</param>
    /// <returns>How many it held; null = it was not tripped.</returns>
    public async Task<int?> ReleaseAsync(int accountId, bool discard, string by, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var connection = await postgres.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await using var release = connection.Command(
            transaction,
            "UPDATE tb_suspension_breaker SET is_tripped = false, released_at = $2, released_by = $3 WHERE account_id = $1 AND is_tripped",
            accountId, now.UtcDateTime, by);
        if (await release.ExecuteNonQueryAsync(cancellation) == 0)
        {
            return null;
        }

        await using var held = connection.Command(
            transaction,
            discard
                ? $"""
                  UPDATE tb_suspension SET state = 11, error_code = '{Discarded}', reason = reason || '; discarded by ' || $3, finished_at = $2
                  WHERE account_id = $1 AND state = 2
                  """
                : "UPDATE tb_suspension SET state = 1, next_attempt_at = $2 WHERE account_id = $1 AND state = 2 AND $3 <> ''",
            accountId, now.UtcDateTime, by);
        var count = await held.ExecuteNonQueryAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return count;
    }
}
