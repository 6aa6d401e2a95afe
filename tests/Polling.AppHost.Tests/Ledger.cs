using System.Net.Http.Json;
using System.Text.Json;

namespace Polling.AppHost.Tests;

/// <summary>What the mock gateway says it was asked, read through the admin API's front door.</summary>
internal static class Ledger
{
    private static readonly JsonSerializerOptions SnakeCase = new(JsonSerializerDefaults.Web) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Figures of the calls of one task.</summary>
    public static async Task<LedgerSummary> SummaryAsync(HttpClient api, string task = "realname") =>
        (await api.GetFromJsonAsync<LedgerSummary>($"/mock/ledger/summary?within_seconds=30&task={task}", SnakeCase, TestContext.Current.CancellationToken))!;

    /// <summary>When each card was asked whether it is real-named, every time (up to a thousand calls).</summary>
    public static async Task<ILookup<string, DateTimeOffset>> CallsByCardAsync(HttpClient api)
    {
        var page = (await api.GetFromJsonAsync<LedgerPage>("/mock/ledger?task=realname&limit=1000", SnakeCase, TestContext.Current.CancellationToken))!;
        return page.Calls.SelectMany(call => call.Cards.Select(card => (card.Id, call.ReceivedAt))).ToLookup(call => call.Id, call => call.ReceivedAt);
    }

    internal sealed record LedgerSummary(long TotalCalls, int DistinctCards, int AnsweredCards, int Duplicates);

    internal sealed record LedgerPage(IReadOnlyList<LedgerCall> Calls);

    internal sealed record LedgerCall(DateTimeOffset ReceivedAt, IReadOnlyList<LedgerCard> Cards);

    internal sealed record LedgerCard(string Id);
}
