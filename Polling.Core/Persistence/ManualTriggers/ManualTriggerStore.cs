using Npgsql;
using Polling.Core.Configuration;
using Polling.Core.ManualTriggers;

namespace Polling.Core.Persistence.ManualTriggers;

/// <summary>What became of a card of a trigger.</summary>
/// <param name="TriggerId">The trigger.</param>
/// <param name="CardId">The card.</param>
/// <param name="State">Done, failed, skipped or cancelled; waiting: it is to be handed over again.</param>
/// <param name="Reason">Why, for failed and skipped ones.</param>
public readonly record struct ManualOutcome(long TriggerId, long CardId, ManualItemState State, string? Reason);

/// <summary>Makes manual triggers and moves their cards from state to state, in PostgreSQL. Safe side by side and to repeat.</summary>
public sealed class ManualTriggerStore(NpgsqlDataSource postgres)
{
    /// <summary>Makes a trigger for these cards; those that do not exist are skipped at once.</summary>
    /// <returns>Its id.</returns>
    public async Task<long> CreateAsync(TaskType type, ManualTriggerKind kind, IReadOnlyCollection<long> cardIds, DateTimeOffset now, CancellationToken cancellation)
    {
        const string Sql =
            $"""
            WITH trigger AS (
              INSERT INTO tb_polling_manual_trigger (task_type, kind, created_at) VALUES ($1, $2, $3) RETURNING id),
            items AS (
              INSERT INTO tb_polling_manual_item (trigger_id, card_id, account_id, state, reason, finished_at)
              SELECT t.id, given.id, coalesce(c.account_id, 0), CASE WHEN c.id IS NULL THEN 4 ELSE 0 END,
                     CASE WHEN c.id IS NULL THEN '{SkipReason.UnknownCard}' END, CASE WHEN c.id IS NULL THEN $3 END
              FROM trigger t CROSS JOIN unnest($4) AS given(id) LEFT JOIN tb_card c ON c.id = given.id)
            SELECT id FROM trigger
            """;
        await using var command = Command(Sql, type.Name(), (short)kind, now.UtcDateTime, cardIds.ToArray());
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }

    /// <summary>Makes a trigger whose cards a condition names; they are listed bit by bit (<see cref="ManualTriggerListing"/>).</summary>
    public async Task<long> CreateAsync(TaskType type, string conditionJson, DateTimeOffset now, CancellationToken cancellation)
    {
        const string Sql =
            "INSERT INTO tb_polling_manual_trigger (task_type, kind, condition, listed_to, created_at) VALUES ($1, $2, $3::jsonb, 0, $4) RETURNING id";
        await using var command = Command(Sql, type.Name(), (short)ManualTriggerKind.Condition, conditionJson, now.UtcDateTime);
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }

    /// <summary>Accounts that cards of a trigger in this state belong to. Costs a step for each account, whatever the number of cards.</summary>
    /// <param name="triggerId">The trigger.</param>
    /// <param name="state">Waiting or handed over.</param>
    /// <param name="cancellation">Cancels.</param>
    public async Task<IReadOnlyList<int>> AccountsAsync(long triggerId, ManualItemState state, CancellationToken cancellation)
    {
        var literal = state == ManualItemState.Waiting ? 0 : 1;
        var next = $"SELECT min(account_id) FROM tb_polling_manual_item WHERE state < 2 AND trigger_id = $1 AND state = {literal}";
        await using var command = Command(
            $"""
            WITH RECURSIVE accounts AS (
              SELECT ({next}) AS id
              UNION ALL
              SELECT ({next} AND account_id > a.id) FROM accounts a WHERE a.id IS NOT NULL)
            SELECT id FROM accounts WHERE id IS NOT NULL
            """,
            triggerId);
        return await ReadAsync(command, row => row.GetInt32(0), cancellation);
    }

    /// <summary>Marks waiting cards as handed over; none when the trigger is cancelled.</summary>
    public async Task<IReadOnlyList<long>> TakeAsync(long triggerId, int accountId, int countMax, CancellationToken cancellation)
    {
        const string Sql =
            """
            WITH open AS MATERIALIZED (SELECT id FROM tb_polling_manual_trigger WHERE id = $1 AND cancelled_at IS NULL FOR SHARE),
            taken AS (
              SELECT card_id FROM tb_polling_manual_item
              WHERE trigger_id = $1 AND state = 0 AND account_id = $2 AND EXISTS (SELECT 1 FROM open)
              ORDER BY card_id LIMIT $3 FOR UPDATE SKIP LOCKED)
            UPDATE tb_polling_manual_item i SET state = 1, handed_at = clock_timestamp()
            FROM taken t WHERE i.trigger_id = $1 AND i.card_id = t.card_id
            RETURNING i.card_id
            """;
        await using var command = Command(Sql, triggerId, accountId, countMax);
        return await ReadAsync(command, row => row.GetInt64(0), cancellation);
    }

    /// <summary>Writes down what became of cards that were handed over; of others nothing is changed.</summary>
    /// <returns>How many were.</returns>
    public async Task<int> SettleAsync(IReadOnlyCollection<ManualOutcome> outcomes, CancellationToken cancellation)
    {
        await using var connection = await postgres.OpenConnectionAsync(cancellation);
        await using var command = SettleCommand(outcomes);
        command.Connection = connection;
        return await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Cards of a trigger that were handed over before a moment and have not ended.</summary>
    public async Task<IReadOnlyList<(long CardId, int AccountId)>> HandedBeforeAsync(
        long triggerId, DateTimeOffset before, int countMax, CancellationToken cancellation)
    {
        await using var command = Command(
            "SELECT card_id, account_id FROM tb_polling_manual_item WHERE trigger_id = $1 AND state = 1 AND handed_at < $2 LIMIT $3",
            triggerId, before.UtcDateTime, countMax);
        return await ReadAsync(command, row => (row.GetInt64(0), row.GetInt32(1)), cancellation);
    }

    /// <summary>Cancels a trigger that has not ended.</summary>
    /// <returns>False: it has ended, was cancelled before, or is unknown.</returns>
    public async Task<bool> CancelAsync(long triggerId, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var command = Command(
            "UPDATE tb_polling_manual_trigger SET cancelled_at = $2, listed_to = NULL WHERE id = $1 AND cancelled_at IS NULL AND finished_at IS NULL",
            triggerId, now.UtcDateTime);
        return await command.ExecuteNonQueryAsync(cancellation) == 1;
    }

    /// <summary>Marks waiting cards of a cancelled trigger, some thousands at a time. (They count as cancelled before.)</summary>
    /// <returns>How many were marked.</returns>
    public async Task<int> CancelWaitingAsync(long triggerId, int countMax, CancellationToken cancellation)
    {
        await using var command = Command(
            """
            UPDATE tb_polling_manual_item i SET state = 5, finished_at = clock_timestamp()
            FROM (SELECT card_id FROM tb_polling_manual_item WHERE trigger_id = $1 AND state = 0 LIMIT $2 FOR UPDATE SKIP LOCKED) AS w
            WHERE i.trigger_id = $1 AND i.card_id = w.card_id
            """,
            triggerId, countMax);
        return await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Ends a trigger none of whose cards waits or is under way.</summary>
    /// <returns>Whether it has ended now.</returns>
    public async Task<bool> FinishAsync(long triggerId, CancellationToken cancellation)
    {
        await using var command = Command(
            """
            UPDATE tb_polling_manual_trigger SET finished_at = clock_timestamp()
            WHERE id = $1 AND finished_at IS NULL AND listed_to IS NULL
              AND NOT EXISTS (SELECT 1 FROM tb_polling_manual_item WHERE trigger_id = $1 AND state < 2)
            """,
            triggerId);
        return await command.ExecuteNonQueryAsync(cancellation) == 1;
    }

    /// <summary>How far a trigger is.</summary>
    public async Task<ManualProgress> ProgressAsync(long triggerId, CancellationToken cancellation)
    {
        await using var command = Command(
            """
            SELECT CASE WHEN state = 0 AND (SELECT cancelled_at FROM tb_polling_manual_trigger WHERE id = $1) IS NOT NULL THEN 5 ELSE state END,
                   coalesce(reason, ''), cards
            FROM (SELECT state, reason, count(*) AS cards FROM tb_polling_manual_item WHERE trigger_id = $1 GROUP BY state, reason) AS c
            """,
            triggerId);
        var counts = await ReadAsync(command, row => (State: (ManualItemState)row.GetInt32(0), Reason: row.GetString(1), Count: row.GetInt64(2)), cancellation);
        return new ManualProgress(
            Of(ManualItemState.Waiting), Of(ManualItemState.HandedOver), Of(ManualItemState.Done), Of(ManualItemState.Failed), Of(ManualItemState.Skipped),
            Of(ManualItemState.Cancelled), Reasons(ManualItemState.Skipped), Reasons(ManualItemState.Failed));

        long Of(ManualItemState state) => counts.Where(c => c.State == state).Sum(c => c.Count);
        Dictionary<string, long> Reasons(ManualItemState state) =>
            counts.Where(c => c.State == state).ToDictionary(c => c.Reason.Length == 0 ? "unknown" : c.Reason, c => c.Count);
    }

    /// <summary>The statement of <see cref="SettleAsync"/>, for a transaction of somebody else's.</summary>
    /// <remarks>
    /// <c>state + 0</c> keeps the planner to the primary key. By <c>state = 1</c> it takes the index of the open cards, which has the account before the
    /// card, and goes over all cards under way for each card: 24,900 pages and 200 ms for a call of 100 cards while 8,000 were handed over.
    /// </remarks>
    internal static NpgsqlCommand SettleCommand(IReadOnlyCollection<ManualOutcome> outcomes) => Fill(
        new NpgsqlCommand(
            """
            UPDATE tb_polling_manual_item i
            SET state = o.state, reason = o.reason, finished_at = CASE WHEN o.state = 0 THEN NULL ELSE clock_timestamp() END,
                handed_at = CASE WHEN o.state = 0 THEN NULL ELSE i.handed_at END
            FROM unnest($1, $2, $3, $4) AS o(trigger_id, card_id, state, reason)
            WHERE i.trigger_id = o.trigger_id AND i.card_id = o.card_id AND i.state + 0 = 1
            """),
        outcomes.Select(o => o.TriggerId).ToArray(), outcomes.Select(o => o.CardId).ToArray(), outcomes.Select(o => (short)o.State).ToArray(),
        outcomes.Select(o => o.Reason).ToArray());

    private NpgsqlCommand Command(string sql, params object[] values) => Fill(postgres.CreateCommand(sql), values);

    private static NpgsqlCommand Fill(NpgsqlCommand command, params object[] values)
    {
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        return command;
    }

    private static async Task<IReadOnlyList<T>> ReadAsync<T>(NpgsqlCommand command, Func<NpgsqlDataReader, T> read, CancellationToken cancellation)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellation))
        {
            rows.Add(read(reader));
        }

        return rows;
    }
}
