using System.Globalization;
using Polling.Core.Carriers;
using Polling.Core.Configuration;
using Polling.Core.Persistence.Results;

namespace Polling.Executor.Tests.Results;

/// <summary>One database for the tests of the ledger; each takes cards, and accounts, of its own.</summary>
public sealed class LedgerDatabase : IAsyncLifetime
{
    private const int Cards = 400;
    private ResultDatabase _database = null!;
    private int _taken;
    private int _token;

    internal ResultDatabase Results => _database;

    internal static CancellationToken Stop => ResultDatabase.Stop;

    public async ValueTask InitializeAsync() => _database = await ResultDatabase.StartAsync(Cards);

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    /// <summary>Indexes of cards that nobody else has, on an account of their own.</summary>
    internal async Task<LedgerCards> TakeAsync(int count, string zone = CarrierAccount.DefaultTimeZone, int billingDay = 1)
    {
        var first = Interlocked.Add(ref _taken, count) - count;
        var ids = _database.Cards[first..(first + count)];
        var account = await ScalarAsync<int>(
            $"""
            INSERT INTO tb_carrier_account (carrier_id, code, name, calls_per_second, cards_per_call, max_in_flight, status, time_zone, billing_cycle_day)
            SELECT carrier_id, 'L{first}', 'L', 1, 1, 1, 1, '{zone}', {billingDay} FROM tb_carrier_account WHERE id = {_database.Account} RETURNING id
            """);
        await ExecuteAsync($"UPDATE tb_card SET account_id = {account} WHERE id BETWEEN {ids[0]} AND {ids[^1]}");
        return new LedgerCards(this, account, ids, TimeZoneInfo.FindSystemTimeZoneById(zone));
    }

    internal long NextToken() => Interlocked.Increment(ref _token);

    internal async Task ExecuteAsync(string sql)
    {
        await using var command = _database.Source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Stop);
    }

    internal async Task<T> ScalarAsync<T>(string sql)
    {
        await using var command = _database.Source.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(Stop))!;
    }

    /// <summary>Rows as text, a line each.</summary>
    internal async Task<string[]> LinesAsync(string sql)
    {
        await using var command = _database.Source.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync(Stop);
        var lines = new List<string>();
        while (await reader.ReadAsync(Stop))
        {
            lines.Add(string.Join(' ', Enumerable.Range(0, reader.FieldCount).Select(i => Convert.ToString(reader[i], CultureInfo.InvariantCulture))));
        }

        return [.. lines];
    }
}

/// <summary>Cards of one account, and their readings.</summary>
internal sealed record LedgerCards(LedgerDatabase Database, int Account, long[] Ids, TimeZoneInfo Zone)
{
    public long Id => Ids[0];

    /// <summary>"in" list for SQL.</summary>
    public string List => string.Join(',', Ids);

    /// <summary>
    /// A reading in words: when it was answered by the account's clock, bytes, and optionally "asof" with a local time and "cycle" with a date:
    /// "2026-11-01T03:00 105 asof 2026-10-31T20:00".
    /// </summary>
    public CardResult Reading(string words, int card = 0, long? token = null)
    {
        var parts = words.Split(' ');
        var checkedAt = Local(parts[0]);
        DateTimeOffset? asOf = null;
        DateOnly? cycle = null;
        for (var i = 2; i < parts.Length; i += 2)
        {
            if (parts[i] == "asof")
            {
                asOf = parts[i + 1] == "0001" ? DateTimeOffset.MinValue : Local(parts[i + 1]);
            }
            else
            {
                cycle = DateOnly.Parse(parts[i + 1], CultureInfo.InvariantCulture);
            }
        }

        return Result(card, TaskType.Carddata, checkedAt, new UsagePayload(cycle, long.Parse(parts[1], CultureInfo.InvariantCulture), asOf), token);
    }

    public CardResult Usage(int card, DateTimeOffset at, long usedBytes) => Result(card, TaskType.Carddata, at, new UsagePayload(null, usedBytes, null), null);

    public CardResult Package(string at, int card = 0) => Result(card, TaskType.Package, Local(at), new PackagePayload("carrier's", 1, null, null), null);

    public async Task<CommittedResults> ReadAsync(string words, int card = 0) => await Database.Results.CommitAsync(Reading(words, card));

    public Task<string[]> LedgerAsync() => Database.LinesAsync(
        $"SELECT cycle::text, used_bytes, 'falling ' || falling_readings, 'late ' || late_readings FROM tb_usage_cycle WHERE card_id IN ({List}) ORDER BY card_id, cycle");

    public Task<string[]> DaysAsync() => Database.LinesAsync($"SELECT day::text, used_bytes FROM tb_usage_daily WHERE card_id IN ({List}) ORDER BY card_id, day");

    public Task<string[]> SuspensionsAsync() => Database.LinesAsync(
        $"SELECT rule, cycle::text, episode, state, used_bytes, limit_bytes FROM tb_suspension WHERE card_id IN ({List}) ORDER BY card_id, id");

    private CardResult Result(int card, TaskType type, DateTimeOffset at, ResultPayload payload, long? token) => new(
        type, Ids[card], Account, 1, token ?? Database.NextToken(), at, at, Polling.Core.Cards.PollOutcome.Success, null, 5, payload);

    private DateTimeOffset Local(string text)
    {
        var local = DateTime.Parse(text, CultureInfo.InvariantCulture);
        return new DateTimeOffset(local, Zone.GetUtcOffset(local));
    }
}
