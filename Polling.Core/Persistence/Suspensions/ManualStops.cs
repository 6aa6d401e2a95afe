using Npgsql;
using Polling.Core.Cards;
using Polling.Core.Carriers;
using Polling.Core.Suspensions;

namespace Polling.Core.Persistence.Suspensions;

/// <summary>Why a person's wish cannot be taken up.</summary>
public enum ManualStopProblem
{
    NoCard,

    /// <summary>In stock, or terminated.</summary>
    NotInUse,

    IsSoAlready,

    /// <summary>The same is under way.</summary>
    UnderWay,
}

/// <summary>What became of a person's wish.</summary>
/// <param name="SuspensionId">Its row; null = there is none.</param>
/// <param name="Problem">Null: it was taken up.</param>
public readonly record struct ManualStopAnswer(long? SuspensionId, ManualStopProblem? Problem);

/// <summary>Takes up a person's wish to suspend or resume a card.</summary>
public sealed class ManualStops(NpgsqlDataSource postgres, TimeProvider clock)
{
    /// <summary>Writes the wish into the outbox.</summary>
    public async Task<ManualStopAnswer> AskAsync(long cardId, SuspensionAction action, string reason, string by, CancellationToken cancellation)
    {
        await using var connection = await postgres.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);

        // The card's row is locked, so that two wishes for it come one after the other.
        if (await FindAsync(connection, transaction, cardId, cancellation) is not { } card)
        {
            return new ManualStopAnswer(null, ManualStopProblem.NoCard);
        }

        var isStop = action == SuspensionAction.Suspend;
        if (card.Status is not (CardStatus.Active or CardStatus.Suspended))
        {
            return new ManualStopAnswer(null, ManualStopProblem.NotInUse);
        }

        if (card.Status == CardStatus.Suspended == isStop)
        {
            return new ManualStopAnswer(null, ManualStopProblem.IsSoAlready);
        }

        if (await OpenAsync(connection, transaction, cardId, action, cancellation) is { } open)
        {
            return new ManualStopAnswer(open, ManualStopProblem.UnderWay);
        }

        var now = clock.GetUtcNow();
        await using var insert = connection.Command(
            transaction,
            """
            WITH episode AS (
              SELECT coalesce((SELECT episode FROM tb_card_stop WHERE card_id = $1), 1) AS present,
                     (SELECT max(episode) FROM tb_suspension WHERE card_id = $1 AND rule = 4 AND action = $3) AS used),
            -- What a person asked for before has ended without effect: a wish of its own needs an episode of its own.
            raised AS (
              INSERT INTO tb_card_stop AS s (card_id, since, episode, checked_at) SELECT $1, $5, used + 1, $5 FROM episode WHERE used >= present
              ON CONFLICT (card_id) DO UPDATE SET episode = excluded.episode)
            INSERT INTO tb_suspension (card_id, account_id, action, rule, cycle, episode, state, reason, requested_by, created_at, next_attempt_at, attempts)
            SELECT $1, $2, $3, 4, $4, greatest(present, used + 1), 1, $6, $7, $5, $5, 0 FROM episode
            RETURNING id
            """,
            cardId, card.AccountId, (short)action, BillingCycle.Of(now, AccountZone.Of(card.Zone), card.CycleDay), now.UtcDateTime, reason, by);
        var id = (long)(await insert.ExecuteScalarAsync(cancellation))!;
        await transaction.CommitAsync(cancellation);
        return new ManualStopAnswer(id, null);
    }

    private static async Task<ManualCard?> FindAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, long cardId, CancellationToken cancellation)
    {
        await using var command = connection.Command(
            transaction,
            """
            SELECT c.account_id, c.status, a.time_zone, a.billing_cycle_day FROM tb_card c JOIN tb_carrier_account a ON a.id = c.account_id
            WHERE c.id = $1 FOR NO KEY UPDATE OF c
            """,
            cardId);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation)
            ? new ManualCard(reader.GetInt32(0), (CardStatus)reader.GetInt16(1), reader.GetString(2), reader.GetInt16(3))
            : null;
    }

    private static async Task<long?> OpenAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, long cardId, SuspensionAction action, CancellationToken cancellation)
    {
        await using var command = connection.Command(
            transaction, "SELECT id FROM tb_suspension WHERE card_id = $1 AND action = $2 AND state IN (1, 3, 4) ORDER BY id LIMIT 1", cardId, (short)action);
        return (long?)await command.ExecuteScalarAsync(cancellation);
    }

    private sealed record ManualCard(int AccountId, CardStatus Status, string Zone, int CycleDay);
}
