using System.Globalization;
using System.Net.Http.Json;
using Npgsql;
using StackExchange.Redis;

namespace Polling.AppHost.Tests;

/// <summary>An executor is killed in the middle of its calls: nothing that it held is lost or stays held.</summary>
public sealed class ExecutorDeathTests : IDisposable
{
    private const int Cards = 300;
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LeaseAndFive = TimeSpan.FromSeconds(30 + 5);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Its_cards_are_polled_by_others_and_its_permits_end()
    {
        var options = SystemProcess.Options(_folder);
        options["Polling:DemoCards"] = Cards.ToString(CultureInfo.InvariantCulture);
        await using var system = await SystemProcess.StartUpAsync(_folder, options);
        using var api = new HttpClient { BaseAddress = new Uri($"http://localhost:{system.ApiPort}") };
        await using var database = NpgsqlDataSource.Create(
            $"Host=127.0.0.1;Port={options["Polling:PostgresPort"]};Username=polling;Password=polling;Database=polling");
        await using var connection = await ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{options["Polling:RedisPort"]}");
        var redis = connection.GetDatabase();
        await LoadAsync(api, database);

        // Both executors hold calls: kill the one that claimed last.
        var executors = Leftovers.Of(_folder.Path).Where(p => p.CommandLine.Contains("Polling.Executor.dll", StringComparison.Ordinal)).ToArray();
        Assert.Equal(2, executors.Length);
        await Condition.HoldsAsync(async () => await redis.HashLengthAsync("polling:lease:calls:realname") >= 6, StartPatience);
        SystemProcess.Kill(executors[0].Pid, SystemProcess.SigKill);
        var killedAt = TimeProvider.System.GetUtcNow();
        var permits = await redis.SortedSetRangeByRankAsync("polling:permit:realname");
        var held = (await redis.HashValuesAsync("polling:lease:calls:realname")).SelectMany(CardsOf).ToArray();
        Assert.NotEmpty(held);

        await Condition.HoldsAsync(async () => await CheckedSinceAsync(database, held, killedAt) == held.Length, LeaseAndFive);
        Assert.DoesNotContain(await redis.SortedSetRangeByRankAsync("polling:permit:realname"), permits.Contains);
        await Condition.HoldsAsync(async () => await PlacedAsync(redis) is var places && places.Count == Cards && places.Distinct().Count() == Cards, LeaseAndFive);
    }

    // Each card every 5 s, and calls that take a second and a half: at any moment several are under way.
    private static async Task LoadAsync(HttpClient api, NpgsqlDataSource database)
    {
        await using (var command = database.CreateCommand("UPDATE tb_polling_config SET interval_seconds = 5 WHERE task_type = 'realname'"))
        {
            Assert.Equal(2, await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken));
        }

        using var answer = await api.PutAsJsonAsync(
            "/mock/behaviour", new { latency = new { median_ms = 1500, sigma = 0.1 } }, TestContext.Current.CancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    private static async Task<long> CheckedSinceAsync(NpgsqlDataSource database, long[] cards, DateTimeOffset since)
    {
        await using var command = database.CreateCommand("SELECT count(*) FROM tb_card_poll WHERE task_type = 1 AND card_id = ANY($1) AND checked_at > $2");
        command.Parameters.Add(new NpgsqlParameter { Value = cards });
        command.Parameters.Add(new NpgsqlParameter { Value = since.UtcDateTime });
        return (long)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    // All places at one moment: reading them one after the other would see a card twice, or not at all, as it moves.
    private static async Task<List<long>> PlacedAsync(IDatabase redis)
    {
        var reading = redis.CreateTransaction();
        var places = new List<Task<RedisValue[]>>
        {
            reading.SortedSetRangeByRankAsync("polling:queue:realname"),
            reading.SortedSetRangeByRankAsync("polling:schedule:realname:1"),
            reading.SortedSetRangeByRankAsync("polling:schedule:realname:2"),
            reading.SortedSetRangeByRankAsync("polling:schedule:realname:3"),
        };
        var calls = reading.HashValuesAsync("polling:lease:calls:realname");
        await reading.ExecuteAsync();
        return [.. (await Task.WhenAll(places)).SelectMany(p => p).Select(card => (long)card), .. (await calls).SelectMany(CardsOf)];
    }

    // The seventh field of a call's payload, "<id> <due ms> <id> <due ms> ...": docs/queue.md.
    private static IEnumerable<long> CardsOf(RedisValue payload) =>
        ((string)payload!).Split('|')[6].Split(' ').Where((_, i) => i % 2 == 0).Select(id => long.Parse(id, CultureInfo.InvariantCulture));
}
