using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Polling.Weeks.Tests.Checks;
using Polling.Weeks.Tests.Processes;
using Polling.Weeks.Tests.Run;

namespace Polling.Weeks.Tests;

/// <summary>A carrier suddenly reports a hundred times the usage of every card: through the real processes, by the carrier's own count of what was stopped.</summary>
public class MassSuspensionTests(ITestOutputHelper output)
{
    private const string Account = "mass";
    private const int Cards = 80;
    private const int SuspensionsMax = 5;

    // In half a month hardly a card uses so much; nearly half of them use more than a hundredth.
    private const long AllowanceBytes = 6L << 30;
    private static readonly TimeSpan Zone = TimeSpan.FromHours(8);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task The_breaker_stops_a_mass_suspension_until_a_person_releases_it()
    {
        var seed = Random.Shared.Next(1_000_000);
        output.WriteLine($"seed {seed}");
        var started = TimeProvider.System.GetTimestamp();
        void Done(string what) => output.WriteLine($"{TimeProvider.System.GetElapsedTime(started).TotalSeconds:F1} s: {what}");
        await using var system = await WeeksSystem.StartAsync(MidMonth(), seed);
        await MakeAsync(system.Api);

        // The first due times are spread over a minute.
        await new Settling(system, new Books(system.Postgres), output.WriteLine).PlacedAsync(Cards);
        await system.Clocks.AdvanceAsync(TimeSpan.FromMinutes(1));
        var rule = (int)(await system.Api.SendAsync(HttpMethod.Post, "api/admin/polling-alert-rules", new()
        {
            ["name"] = "mass suspension",
            ["rule_type"] = "suspension_breaker",
            ["threshold"] = 0,
            ["comparison"] = ">",
        }))["id"]!;
        await FactorAsync(system, 100);
        system.StartExecutors();
        Done("started");

        // It stops after so many, and says so.
        await ReadAllAsync(system);
        Done("read");
        await TrippedAsync(system);
        Done("tripped");
        Assert.Equal(SuspensionsMax, await StoppedAsync(system));
        await system.UntilAsync("alerted", Patience, async () =>
            (await system.Api.GetAsync($"api/admin/polling-alert-history?rule_id={rule}"))["items"]!.AsArray().Count > 0 ? null : "no alert has fired");
        Done("tripped, alert fired");

        // Nothing more is suspended, however long it lasts and whatever is read.
        await system.UntilAsync("idle", Patience, async () => await LeasedAsync(system) is var leased and > 0 ? $"{leased} calls are leased" : null);
        await system.Clocks.AdvanceAsync(TimeSpan.FromHours(2));
        await ReadAllAsync(system);
        await TrippedAsync(system);
        Assert.Equal(SuspensionsMax, await StoppedAsync(system));
        Done("nothing more");

        // Released while the carrier still reckons wrong it goes on, and stops again after so many.
        await ReleaseAsync(system);
        await system.UntilAsync("suspended further", Patience, async () =>
            await StoppedAsync(system) is var stopped and < 2 * SuspensionsMax ? $"{stopped} are stopped" : null);
        await TrippedAsync(system);
        Assert.Equal(2 * SuspensionsMax, await StoppedAsync(system));
        Done("released and tripped again");

        // Released when it reckons right, each card is looked at once more: none is over.
        await FactorAsync(system, 1);
        await ReleaseAsync(system);
        await system.UntilAsync("judged", Patience, async () => await OpenAsync(system, "1, 2, 3, 4") is var open and > 0 ? $"{open} suspensions are open" : null);
        Assert.Equal(2 * SuspensionsMax, await StoppedAsync(system));
    }

    private static async Task MakeAsync(ApiClient api)
    {
        foreach (var config in (await api.GetAsync("api/admin/polling-configs"))["items"]!.AsArray())
        {
            await api.SendAsync(HttpMethod.Put, $"api/admin/polling-configs/{(int)config!["id"]!}", new() { ["interval_seconds"] = 7200, ["card_status"] = null });
        }

        var carrier = (int)(await api.SendAsync(HttpMethod.Post, "api/admin/carriers", new() { ["code"] = "MASS", ["name"] = "Mass" }))["id"]!;
        await api.SendAsync(HttpMethod.Post, "api/admin/carrier-accounts", new()
        {
            ["carrier_id"] = carrier,
            ["code"] = Account,
            ["name"] = Account,
            ["calls_per_second"] = 1000,
            ["cards_per_call"] = 20,
            ["max_in_flight"] = 40,
            ["suspensions_max"] = SuspensionsMax,
        });
        var package = (int)(await api.SendAsync(HttpMethod.Post, "api/admin/packages", new()
        {
            ["code"] = "MASS",
            ["name"] = "Mass",
            ["allowance_bytes"] = AllowanceBytes,
        }))["id"]!;
        var csv = new StringBuilder("iccid,carrier,account,real_name_status,package_id\n");
        for (var card = 0; card < Cards; card++)
        {
            csv.AppendLine(CultureInfo.InvariantCulture, $"8986{card:d15},MASS,{Account},1,{package}");
        }

        Assert.Equal(Cards, (int)(await api.SendCsvAsync("api/admin/cards/import", csv.ToString()))["added"]!);
    }

    private static Task FactorAsync(WeeksSystem system, int factor) =>
        system.Gateway.SendAsync(HttpMethod.Put, "control/behaviour", new() { ["readings"] = new JsonObject { ["factor"] = factor } });

    // Every card's usage is read from now on.
    private static async Task ReadAllAsync(WeeksSystem system)
    {
        var since = system.Now;
        await system.Api.SendAsync(HttpMethod.Post, "api/admin/polling-manual-trigger/by-condition", new() { ["task_type"] = "carddata", ["real_name_status"] = 1 });
        await system.UntilAsync("read", Patience, async () =>
            await NumberAsync(system, "SELECT count(*) FROM tb_usage_cycle WHERE last_read_at >= $1", since.UtcDateTime) is var read and < Cards
                ? $"{read} of {Cards} cards are read" : null);
    }

    // The breaker has tripped, it holds something, and nothing goes on beside it.
    private static Task TrippedAsync(WeeksSystem system) => system.UntilAsync("held", Patience, async () =>
    {
        var breakers = (await system.Api.GetAsync("api/admin/suspension-breakers"))["items"]!.AsArray();
        var open = await OpenAsync(system, "1, 3, 4");
        return breakers.Count == 1 && (bool)breakers[0]!["is_tripped"]! && (long)breakers[0]!["held"]! > 0 && open == 0
            ? null
            : $"{open} suspensions go on, breakers {breakers.ToJsonString()}";
    });

    private static async Task ReleaseAsync(WeeksSystem system)
    {
        var account = (int)(await system.Api.GetAsync("api/admin/suspension-breakers"))["items"]![0]!["account_id"]!;
        await system.Api.SendAsync(HttpMethod.Post, $"api/admin/suspension-breakers/{account}/release");
    }

    // At the carrier; and that none of these cards was truly over.
    private static async Task<int> StoppedAsync(WeeksSystem system)
    {
        var cards = (await system.Gateway.GetAsync($"control/truth?account={Account}"))["cards"]!.AsArray();
        Assert.All(cards, card => Assert.All(card!["cycles"]!.AsArray(), cycle => Assert.InRange((long)cycle!["used_bytes"]!, 0, AllowanceBytes)));
        return cards.Count(card => (string?)card!["state"] == "stopped");
    }

    private static Task<long> OpenAsync(WeeksSystem system, string states) => NumberAsync(system, $"SELECT count(*) FROM tb_suspension WHERE state IN ({states})");

    private static async Task<long> LeasedAsync(WeeksSystem system) =>
        (await Task.WhenAll(new[] { "realname", "carddata", "package" }.Select(task => system.Redis.SortedSetLengthAsync($"polling:lease:{task}")))).Sum();

    private static async Task<long> NumberAsync(WeeksSystem system, string sql, params object[] values)
    {
        await using var command = system.Postgres.CreateCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new Npgsql.NpgsqlParameter { Value = value });
        }

        return (long)(await command.ExecuteScalarAsync())!;
    }

    private static DateTimeOffset MidMonth()
    {
        var next = DateTimeOffset.UtcNow.AddMonths(1);
        return new(next.Year, next.Month, 15, 12, 0, 0, Zone);
    }
}
