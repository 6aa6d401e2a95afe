using System.Globalization;
using System.Text;
using Polling.Weeks.Tests.Processes;

namespace Polling.Weeks.Tests.Fleet;

/// <summary>Two accounts of each dialect, packages, and cards spread over both, made as operators make them: over the API.</summary>
internal static class FleetSetup
{
    private const int AccountsPerDialect = 2;

    // Cards of each account in every twenty: most are with the carriers that take many cards a call.
    private static readonly (string Dialect, int Cards)[] Dialects = [("plain", 4), ("onelink", 4), ("telecom", 1), ("jasper", 1)];

    // Every card is read in each step in which carriers count, so even a late figure after a late one is no older.
    private const int FreshnessSeconds = 43_200;
    private const long Megabyte = 1 << 20;

    // Half of the cards use less than 100 MB a month: some of these are reached in hours, some in weeks, some never.
    private static readonly long[] Allowances = [5 * Megabyte, 60 * Megabyte, 110 * Megabyte, 400 * Megabyte, 20_000 * Megabyte];

    public static IEnumerable<string> Accounts =>
        Dialects.SelectMany(dialect => Enumerable.Range(1, AccountsPerDialect).Select(number => $"{dialect.Dialect}-{number}"));

    /// <summary>Makes everything; cards are due within a minute of the virtual time.</summary>
    public static async Task MakeAsync(ApiClient api, int cards)
    {
        await ConfigureAsync(api);
        var carrier = (int)(await api.SendAsync(HttpMethod.Post, "api/admin/carriers", new() { ["code"] = "WEEKS", ["name"] = "Weeks" }))["id"]!;
        foreach (var account in Accounts)
        {
            var dialect = account[..^2];
            await api.SendAsync(HttpMethod.Post, "api/admin/carrier-accounts", new()
            {
                ["carrier_id"] = carrier,
                ["code"] = account,
                ["name"] = account,
                ["dialect"] = dialect,
                ["calls_per_second"] = 2000,
                ["cards_per_call"] = dialect switch { "plain" => 200, "onelink" => 100, _ => 1 },
                ["max_in_flight"] = 40,
                ["billing_cycle_day"] = dialect == "jasper" ? 27 : 1,
                ["suspensions_max"] = 1_000_000,
                ["usage_freshness_seconds"] = FreshnessSeconds,
            });
        }

        var packages = new List<int>();
        foreach (var bytes in Allowances)
        {
            var package = await api.SendAsync(HttpMethod.Post, "api/admin/packages", new()
            {
                ["code"] = $"W{bytes / Megabyte}",
                ["name"] = $"{bytes / Megabyte} MB",
                ["allowance_bytes"] = bytes,
            });
            packages.Add((int)package["id"]!);
        }

        var csv = new StringBuilder("iccid,carrier,account,real_name_status,package_id\n");
        string[] accounts = [.. Dialects.SelectMany(dialect => Enumerable.Range(1, AccountsPerDialect).SelectMany(number => Enumerable.Repeat($"{dialect.Dialect}-{number}", dialect.Cards)))];
        for (var card = 0; card < cards; card++)
        {
            csv.AppendLine(CultureInfo.InvariantCulture,
                $"8986{card:d15},WEEKS,{accounts[card % accounts.Length]},1,{packages[card / accounts.Length % packages.Count]}");
        }

        var report = await api.SendCsvAsync("api/admin/cards/import", csv.ToString());
        Assert.Equal(cards, (int)report["added"]!);
    }

    // Usage and packages of every card, stopped ones too, each two hours; no real names.
    private static async Task ConfigureAsync(ApiClient api)
    {
        foreach (var config in (await api.GetAsync("api/admin/polling-configs"))["items"]!.AsArray())
        {
            var path = $"api/admin/polling-configs/{(int)config!["id"]!}";
            await api.SendAsync(HttpMethod.Put, path, (string?)config["task_type"] == "realname"
                ? new() { ["status"] = 0 }
                : new() { ["interval_seconds"] = 7200, ["card_status"] = null });
        }

        foreach (var task in new[] { "carddata", "package" })
        {
            await api.SendAsync(HttpMethod.Put, $"api/admin/polling-concurrency/{task}", new() { ["max_concurrency"] = 300 });
        }
    }
}
