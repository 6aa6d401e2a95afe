using Npgsql;

namespace Polling.Core.Persistence.Suspensions;

/// <summary>What a page of stopped cards came to.</summary>
/// <param name="Requested">Resumes that were asked for.</param>
/// <param name="LastCardId">Where to go on; null = that was the last page.</param>
public readonly record struct ResumePage(int Requested, long? LastCardId);

/// <summary>Finds cards that we stopped and whose reason is gone, and asks for their resume.</summary>
public sealed class ResumeRequests(NpgsqlDataSource postgres, OverLimit limits)
{
    /// <summary>One page, in the order of the cards' ids.</summary>
    /// <param name="afterCardId">Last id of the page before; 0 for the first.</param>
    /// <param name="count">Cards of a page.</param>
    /// <param name="now">Now.</param>
    /// <param name="spread">Over how long those of a new cycle are spread; each card has its own place in it.</param>
    /// <param name="cancellation">Cancels.</param>
    public async Task<ResumePage> RequestAsync(long afterCardId, int count, DateTimeOffset now, TimeSpan spread, CancellationToken cancellation)
    {
        var stopped = await ReadAsync(afterCardId, count, cancellation);
        if (stopped.Count == 0)
        {
            return new ResumePage(0, null);
        }

        var decisions = await limits.ReadAsync(stopped.ConvertAll(card => card.CardId), now, cancellation);
        var gone = stopped.Where(card => decisions.GetValueOrDefault(card.CardId) is { Rule: null } or { IsExempt: true })
            .Select(card => (card.CardId, card.Episode, decisions[card.CardId].Cycle, IsNewCycle: decisions[card.CardId].Cycle != card.Cycle)).ToArray();
        return new ResumePage(gone.Length == 0 ? 0 : await InsertAsync(gone, now, spread, cancellation), stopped.Count < count ? null : stopped[^1].CardId);
    }

    private async Task<List<(long CardId, int Episode, DateOnly Cycle)>> ReadAsync(long afterCardId, int count, CancellationToken cancellation)
    {
        await using var command = postgres.Command(
            """
            SELECT t.card_id, t.episode, s.cycle FROM tb_card_stop t JOIN tb_suspension s ON s.id = t.suspension_id
            WHERE t.stopped_by = 1 AND t.card_id > $1 ORDER BY t.card_id LIMIT $2
            """,
            afterCardId, count);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var stopped = new List<(long, int, DateOnly)>();
        while (await reader.ReadAsync(cancellation))
        {
            stopped.Add((reader.GetInt64(0), reader.GetInt32(1), reader.GetFieldValue<DateOnly>(2)));
        }

        return stopped;
    }

    private async Task<int> InsertAsync(
        (long CardId, int Episode, DateOnly Cycle, bool IsNewCycle)[] cards, DateTimeOffset now, TimeSpan spread, CancellationToken cancellation)
    {
        await using var command = postgres.Command(
            """
            INSERT INTO tb_suspension (card_id, account_id, action, rule, cycle, episode, state, reason, requested_by, created_at, next_attempt_at, attempts)
            SELECT c.id, c.account_id, 2, 5, g.cycle, g.episode, 1,
                   CASE WHEN g.is_new_cycle THEN 'a new billing cycle has begun' ELSE 'it is not over its limit any more' END, 'polling', $5,
                   CASE WHEN g.is_new_cycle THEN $5 + $6 * (abs(hashint8(c.id)) % 1000) / 1000 ELSE $5 END, 0
            FROM unnest($1::bigint[], $2::int[], $3::date[], $4::bool[]) AS g(card_id, episode, cycle, is_new_cycle) JOIN tb_card c ON c.id = g.card_id
            ON CONFLICT (card_id, rule, cycle, episode, action) DO NOTHING
            """,
            Array.ConvertAll(cards, c => c.CardId), Array.ConvertAll(cards, c => c.Episode), Array.ConvertAll(cards, c => c.Cycle),
            Array.ConvertAll(cards, c => c.IsNewCycle), now.UtcDateTime, spread);
        return await command.ExecuteNonQueryAsync(cancellation);
    }
}
