using System.Globalization;
using System.Text.Json;
using Polling.Benchmarks.Units;
using Polling.Benchmarks.Words;
using Polling.Core.Cards;

namespace Polling.Benchmarks.Cards;

/// <summary>Shows how cards are spread.</summary>
internal static class SpreadTables
{
    private const int AccountsShown = 12;

    /// <summary>Makes the cards, counts and prints.</summary>
    public static void Print(CardSpread spread, long seed, bool json)
    {
        var counts = new Dictionary<string, long>();
        foreach (var card in new CardGenerator(spread, seed, 1).Generate())
        {
            Count("status " + card.Status.ToString().ToLowerInvariant());
            Count(card.RealName == RealNameStatus.RealNamed ? "real-named" : "not real-named");
            Count("package " + (card.Package is { } package ? LoadFleet.Packages[package].Code : "none"));
        }

        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(new
            {
                cards = spread.Cards,
                seed,
                accounts = spread.Accounts.Select(a => new { code = a.Code, cards = a.Cards, calls_per_second = a.Quota.CallsPerSecond, cards_per_call = a.Carrier.CardsPerCall }),
                counts,
            }));
            return;
        }

        var accounts = new TextTable("account", "cards>", "share>", "calls/s>", "cards a call>");
        var ordered = spread.Accounts.OrderByDescending(account => account.Cards).ToArray();
        foreach (var account in ordered.Take(AccountsShown))
        {
            accounts.Add(
                account.Code, HumanNumber.Of(account.Cards), Percent(account.Cards, spread.Cards), $"{account.Quota.CallsPerSecond}", $"{account.Carrier.CardsPerCall}");
        }

        if (ordered.Length > AccountsShown)
        {
            var rest = ordered.Skip(AccountsShown).Sum(account => account.Cards);
            accounts.Add($"{ordered.Length - AccountsShown} more, down to", HumanNumber.Of(ordered[^1].Cards), Percent(rest, spread.Cards), "", "");
        }

        accounts.Print();
        Console.WriteLine();
        var kinds = new TextTable("of all cards", "cards>", "share>");
        foreach (var carrier in spread.Accounts.GroupBy(account => account.Carrier.Code))
        {
            kinds.Add("carrier " + carrier.Key, HumanNumber.Of(carrier.Sum(a => a.Cards)), Percent(carrier.Sum(a => a.Cards), spread.Cards));
        }

        foreach (var (what, count) in counts.OrderBy(count => count.Key.Split(' ')[0], StringComparer.Ordinal).ThenByDescending(count => count.Value))
        {
            kinds.Add(what, HumanNumber.Of(count), Percent(count, spread.Cards));
        }

        kinds.Print();

        void Count(string what) => counts[what] = counts.GetValueOrDefault(what) + 1;
    }

    private static string Percent(long part, long all) => string.Create(CultureInfo.InvariantCulture, $"{100.0 * part / all:0.0} %");
}
