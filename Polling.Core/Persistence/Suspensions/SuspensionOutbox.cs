using Npgsql;
using Polling.Core.Cards;
using Polling.Core.Queue.Facts;
using Polling.Core.Suspensions;

namespace Polling.Core.Persistence.Suspensions;

/// <summary>
/// The outbox of suspensions, which executors carry out. Each row is one process' work at a time, under a lease by PostgreSQL's clock; what a
/// process writes after its lease was taken over changes nothing.
/// </summary>
/// <remarks>
/// <para>States: pending → sent (before the carrier is asked) → confirming (a job, or the carrier's word is looked for) → done. Whoever finds a row
/// in state sent cannot know whether the carrier was asked: he looks at the card before anything else. Nothing is sent under another key than the
/// row's id, so the carrier does it once even when it is sent twice.</para>
/// <para>A crash leaves the lease; after it another process goes on from the row's state.</para>
/// </remarks>
public sealed class SuspensionOutbox(NpgsqlDataSource postgres)
{
    private const string Owned = "id = $1 AND lease_owner = $2";

    /// <summary>Takes rows that may be worked on now, the oldest first.</summary>
    /// <param name="owner">Names the hold; another one each time.</param>
    /// <param name="now">By the clock that <c>next_attempt_at</c> is of.</param>
    /// <param name="lease">How long they are held.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellation">Cancels.</param>
    public async Task<IReadOnlyList<SuspensionWork>> TakeAsync(
        string owner, DateTimeOffset now, TimeSpan lease, int limit, CancellationToken cancellation)
    {
        await using var command = postgres.Command(
            """
            UPDATE tb_suspension s SET lease_owner = $1, lease_until = now() + $3
            FROM (SELECT id FROM tb_suspension
                  WHERE state IN (1, 3, 4) AND next_attempt_at <= $2 AND (lease_until IS NULL OR lease_until < now())
                  ORDER BY next_attempt_at, id LIMIT $4 FOR UPDATE SKIP LOCKED) due
            WHERE s.id = due.id
            RETURNING s.id, s.card_id, s.account_id, s.action, s.rule, s.cycle, s.episode, s.state, s.attempts, s.job_id
            """,
            owner, now.UtcDateTime, lease, limit);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var taken = new List<SuspensionWork>();
        while (await reader.ReadAsync(cancellation))
        {
            taken.Add(new SuspensionWork(
                reader.GetInt64(0), reader.GetInt64(1), reader.GetInt32(2), (SuspensionAction)reader.GetInt16(3), (SuspensionRule)reader.GetInt16(4),
                reader.GetFieldValue<DateOnly>(5), reader.GetInt32(6), (SuspensionState)reader.GetInt16(7), reader.GetInt32(8),
                reader.IsDBNull(9) ? null : reader.GetString(9), owner));
        }

        return taken;
    }

    /// <summary>The card as it is now, or null: it is gone.</summary>
    public async Task<SuspensionCard?> FindCardAsync(long cardId, CancellationToken cancellation)
    {
        await using var command = postgres.Command(
            """
            SELECT c.id, c.account_id, c.status, c.real_name_status, coalesce(c.package_id, 0), c.row_version, c.iccid,
                   s.stopped_by, s.suspension_id, coalesce(s.episode, 1)
            FROM tb_card c LEFT JOIN tb_card_stop s ON s.card_id = c.id WHERE c.id = $1
            """,
            cardId);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return !await reader.ReadAsync(cancellation)
            ? null
            : new SuspensionCard(
                new CardFacts(
                    reader.GetInt64(0), reader.GetInt32(1), (CardStatus)reader.GetInt16(2), (RealNameStatus)reader.GetInt16(3), reader.GetInt32(4),
                    reader.GetInt64(5), reader.GetString(6)),
                reader.IsDBNull(7) ? null : (StoppedBy)reader.GetInt16(7), reader.IsDBNull(8) ? null : reader.GetInt64(8), reader.GetInt32(9));
    }

    /// <summary>Puts it off and lets go of it.</summary>
    /// <param name="work">The work.</param>
    /// <param name="state">Where it is: pending, sent or confirming.</param>
    /// <param name="nextAttemptAt">Not before.</param>
    /// <param name="errorCode">Why; null = nothing is wrong.</param>
    /// <param name="jobId">The carrier's job, if there is one.</param>
    /// <returns>False: it was taken over by somebody else.</returns>
    public Task<bool> PutOffAsync(SuspensionWork work, SuspensionState state, DateTimeOffset nextAttemptAt, string? errorCode, string? jobId = null) =>
        RunAsync(
            $"""
            UPDATE tb_suspension SET state = $3, next_attempt_at = $4, error_code = coalesce($5, error_code), job_id = $6,
              sent_at = CASE WHEN $3 = 1 THEN NULL ELSE sent_at END, lease_owner = NULL, lease_until = NULL
            WHERE {Owned}
            """,
            work.Id, work.Owner, (short)state, nextAttemptAt.UtcDateTime, errorCode, jobId);

    /// <summary>The carrier has accepted it as a job: written down before anything else is done.</summary>
    public Task<bool> AcceptedAsync(SuspensionWork work, string? jobId) => RunAsync(
        $"UPDATE tb_suspension SET state = 4, job_id = $3 WHERE {Owned}", work.Id, work.Owner, jobId);

    /// <summary>Ends it without effect.</summary>
    /// <param name="work">The work.</param>
    /// <param name="state">Void, failed or dry run.</param>
    /// <param name="reason">In words.</param>
    /// <param name="errorCode">The carrier's or our own code; null = none.</param>
    /// <param name="now">When.</param>
    public Task<bool> EndAsync(SuspensionWork work, SuspensionState state, string reason, string? errorCode, DateTimeOffset now) => RunAsync(
        $"""
        UPDATE tb_suspension SET state = $3, reason = reason || '; ' || $4, error_code = coalesce($5, error_code), finished_at = $6,
          lease_owner = NULL, lease_until = NULL
        WHERE {Owned}
        """,
        work.Id, work.Owner, (short)state, reason, errorCode, now.UtcDateTime);

    /// <summary>It is confirmed: the card's state and its row are changed in one transaction.</summary>
    /// <returns>False: somebody else has it; nothing is changed.</returns>
    public async Task<bool> ConfirmAsync(SuspensionWork work, DateTimeOffset now)
    {
        await using var connection = await postgres.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var done = connection.Command(
            transaction, $"UPDATE tb_suspension SET state = 10, finished_at = $3, error_code = NULL, lease_owner = NULL, lease_until = NULL WHERE {Owned}",
            work.Id, work.Owner, now.UtcDateTime);
        if (await done.ExecuteNonQueryAsync() == 0)
        {
            return false;
        }

        var stoppedBy = work.IsManual ? StoppedBy.Person : StoppedBy.Polling;
        await SetStopAsync(connection, transaction, work.CardId, work.IsStop ? stoppedBy : null, work.IsStop ? work.Id : null, !work.IsStop, now);
        await transaction.CommitAsync();
        return true;
    }

    /// <summary>Takes what the carrier says of a card for the truth: somebody there stopped it, or let it go on.</summary>
    /// <remarks>The episode stays: who lifted our stop at the carrier's wants the card to go on, so the same reason stops it no second time.</remarks>
    public async Task RespectAsync(long cardId, bool isStopped, DateTimeOffset now)
    {
        await using var connection = await postgres.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await SetStopAsync(connection, transaction, cardId, isStopped ? StoppedBy.Carrier : null, null, newEpisode: false, now);
        await transaction.CommitAsync();
    }

    /// <summary>Takes stopped cards that nobody has looked at for a while; taking them counts as the look.</summary>
    public async Task<IReadOnlyList<long>> TakeStopsAsync(DateTimeOffset notSince, DateTimeOffset now, int limit, CancellationToken cancellation)
    {
        await using var command = postgres.Command(
            """
            UPDATE tb_card_stop s SET checked_at = $2
            FROM (SELECT card_id FROM tb_card_stop WHERE stopped_by IS NOT NULL AND checked_at < $1
                  ORDER BY checked_at LIMIT $3 FOR UPDATE SKIP LOCKED) due
            WHERE s.card_id = due.card_id RETURNING s.card_id
            """,
            notSince.UtcDateTime, now.UtcDateTime, limit);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var cards = new List<long>();
        while (await reader.ReadAsync(cancellation))
        {
            cards.Add(reader.GetInt64(0));
        }

        return cards;
    }

    private static async Task SetStopAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, long cardId, StoppedBy? by, long? suspensionId, bool newEpisode, DateTimeOffset now)
    {
        await using var card = connection.Command(
            transaction,
            """
            UPDATE tb_card SET status = $2, row_version = row_version + 1, updated_at = now()
            WHERE id = $1 AND status IN (1, 2) AND status <> $2
            """,
            cardId, (short)(by is null ? CardStatus.Active : CardStatus.Suspended));
        await card.ExecuteNonQueryAsync();
        await using var stop = connection.Command(
            transaction,
            """
            INSERT INTO tb_card_stop AS s (card_id, stopped_by, suspension_id, since, episode, checked_at) VALUES ($1, $2, $3, $4, 1 + $5, $4)
            ON CONFLICT (card_id) DO UPDATE SET stopped_by = $2, suspension_id = $3, since = $4, episode = s.episode + $5, checked_at = $4
            """,
            cardId, (short?)by, suspensionId, now.UtcDateTime, newEpisode ? 1 : 0);
        await stop.ExecuteNonQueryAsync();
    }

    private async Task<bool> RunAsync(string sql, params object?[] values)
    {
        await using var command = postgres.Command(sql, values);
        return await command.ExecuteNonQueryAsync() > 0;
    }
}
