using Npgsql;
using NpgsqlTypes;
using Polling.Core.Configuration;
using Polling.Core.Queue.Claims;

namespace Polling.Faults.Tests.Harness;

/// <summary>What the system did to PostgreSQL, told by triggers of the tests and by comparison with the carrier's ledger.</summary>
internal sealed class Effects(NpgsqlDataSource postgres)
{
    /// <summary>
    /// Notes every result that replaces one with the same or a newer fencing token: an effect that happened twice, or in the wrong order.
    /// </summary>
    public static async Task WatchAsync(NpgsqlDataSource postgres, CancellationToken cancellation)
    {
        await using var command = postgres.CreateCommand(
            """
            CREATE TABLE fault_violation (card_id bigint, task_type smallint, what text);
            CREATE FUNCTION fault_watch_poll() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
              IF (NEW.token_epoch, NEW.token) <= (OLD.token_epoch, OLD.token) THEN
                INSERT INTO fault_violation VALUES (NEW.card_id, NEW.task_type,
                  format('the token %s/%s replaced %s/%s', NEW.token_epoch, NEW.token, OLD.token_epoch, OLD.token));
              END IF;
              RETURN NULL;
            END $$;
            CREATE TRIGGER fault_watch_poll AFTER UPDATE ON tb_card_poll FOR EACH ROW EXECUTE FUNCTION fault_watch_poll();
            """);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>No result of an older token won, at any time since the start.</summary>
    public async Task AssertInOrderAsync()
    {
        var violations = await ReadAsync("SELECT card_id, what FROM fault_violation LIMIT 10", row => $"card {row.GetInt64(0)}: {row.GetString(1)}");
        Assert.True(violations.Count == 0, string.Join('\n', violations));
        var twice = await ReadAsync(
            "SELECT card_id, scheduled_at FROM tb_usage_record GROUP BY card_id, task_type, scheduled_at HAVING count(*) > 1 LIMIT 10",
            row => $"card {row.GetInt64(0)} has two usage records for {row.GetDateTime(1):O}");
        Assert.True(twice.Count == 0, string.Join('\n', twice));
    }

    /// <summary>Usage records checked after this. Read them before the ledger: then the answers behind them are in it.</summary>
    public Task<List<(long Card, long UsedBytes)>> UsageSinceAsync(DateTimeOffset since) => ReadAsync(
        "SELECT card_id, used_bytes FROM tb_usage_record WHERE checked_at > $1", row => (Card: row.GetInt64(0), UsedBytes: row.GetInt64(1)), since.UtcDateTime);

    /// <summary>Every usage record has an answer of the carrier's own behind it: as many at most as it answered, and no value that it did not say.</summary>
    public static void AssertAnswered(IReadOnlyList<(long Card, long UsedBytes)> records, IReadOnlyList<GatewayCall> calls)
    {
        var answers = Carrier.Answers(calls, TaskType.Carddata);
        Assert.NotEmpty(records);
        foreach (var card in records.GroupBy(record => record.Card))
        {
            var said = answers[card.Key].Select(answer => answer.UsedBytes!.Value).ToArray();
            Assert.True(card.Count() <= said.Length, $"card {card.Key} has {card.Count()} usage records of {said.Length} answers");
            Assert.True(
                card.All(record => said.Contains(record.UsedBytes)),
                $"card {card.Key}: usage {string.Join(", ", card.Select(record => record.UsedBytes))}; the carrier said {string.Join(", ", said)}");
        }
    }

    /// <summary>Of these cards, those that have not been checked since.</summary>
    public Task<List<long>> UncheckedSinceAsync(TaskType type, IEnumerable<long> cards, DateTimeOffset since) => ReadAsync(
        """
        SELECT id FROM unnest($1) AS id
        WHERE NOT EXISTS (SELECT 1 FROM tb_card_poll WHERE card_id = id AND task_type = $2 AND checked_at > $3)
        """,
        row => row.GetInt64(0), cards.ToArray(), (short)type, since.UtcDateTime);

    /// <summary>Cards of these calls that have neither the call's own result nor one of a newer fencing token.</summary>
    public async Task<List<long>> WithoutResultAsync(TaskType type, IReadOnlyCollection<ClaimedCall> calls)
    {
        var cards = calls.SelectMany(call => call.Cards.Select(card => (card.CardId, call.Epoch, call.Token))).ToArray();
        return await ReadAsync(
            """
            SELECT h.id FROM unnest($1, $2, $3) AS h(id, epoch, token)
            WHERE NOT EXISTS (SELECT 1 FROM tb_card_poll p
                              WHERE p.card_id = h.id AND p.task_type = $4 AND (p.token_epoch, p.token) >= (h.epoch, h.token))
            """,
            row => row.GetInt64(0), Array.ConvertAll(cards, c => c.CardId), Array.ConvertAll(cards, c => c.Epoch), Array.ConvertAll(cards, c => c.Token),
            (short)type);
    }

    /// <summary>The fencing token of each card's newest result, by card and task type.</summary>
    public async Task<Dictionary<(long Card, short Type), (long Epoch, long Token)>> TokensAsync() => (await ReadAsync(
        "SELECT card_id, task_type, token_epoch, token FROM tb_card_poll", row => (Key: (row.GetInt64(0), row.GetInt16(1)), Value: (row.GetInt64(2), row.GetInt64(3)))))
        .ToDictionary(row => row.Key, row => row.Value);

    /// <summary>Whether any card has been checked since.</summary>
    public async Task<bool> IsCheckedSinceAsync(TaskType type, DateTimeOffset since) => (await ReadAsync(
        "SELECT 1 FROM tb_card_poll WHERE task_type = $1 AND checked_at > $2 LIMIT 1", _ => true, (short)type, since.UtcDateTime)).Count > 0;

    /// <summary>Whether a batch of results is being committed at this moment.</summary>
    public async Task<bool> IsCommittingAsync() => (await ReadAsync(
        "SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid() AND query LIKE 'WITH input AS%' LIMIT 1", _ => true)).Count > 0;

    /// <summary>Jobs whose lease a process still holds.</summary>
    public Task<List<string>> SingletonsOfAsync(int processId) => ReadAsync(
        "SELECT name FROM tb_singleton_lease WHERE expires_at > now() AND split_part(holder, ':', 2) = $1::text", row => row.GetString(0), $"{processId}");

    public async Task ExecuteAsync(string sql)
    {
        await using var command = postgres.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    private async Task<List<T>> ReadAsync<T>(string sql, Func<NpgsqlDataReader, T> read, params object[] values)
    {
        await using var command = postgres.CreateCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(value is DateTime
                ? new NpgsqlParameter { Value = value, NpgsqlDbType = NpgsqlDbType.TimestampTz }
                : new NpgsqlParameter { Value = value });
        }

        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
        {
            rows.Add(read(reader));
        }

        return rows;
    }
}
