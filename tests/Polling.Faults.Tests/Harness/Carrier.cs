using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Polling.Core.Configuration;

namespace Polling.Faults.Tests.Harness;

/// <summary>A call as the mock gateway saw it.</summary>
internal sealed record GatewayCall(string Account, string Task, DateTimeOffset ReceivedAt, int HttpStatus, IReadOnlyList<GatewayCard> Cards);

/// <summary>A card of it; without a status it got no answer.</summary>
internal sealed record GatewayCard(string Id, string? Status, long? UsedBytes);

/// <summary>The mock gateway's side of things.</summary>
internal sealed class Carrier(HttpClient http, Uri address)
{
    private static readonly TimeSpan QuotaWindow = TimeSpan.FromSeconds(1);
    private static readonly JsonSerializerOptions SnakeCase = new(JsonSerializerDefaults.Web) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Calls so far; a place in the ledger.</summary>
    public async Task<long> MarkAsync() => (await PageAsync(long.MaxValue / 2, 1)).TotalCalls;

    /// <summary>Calls since then, in the order of their answers.</summary>
    public async Task<List<GatewayCall>> CallsSinceAsync(long mark)
    {
        var calls = new List<GatewayCall>();
        LedgerPage page;
        do
        {
            page = await PageAsync(mark, 1000);
            Assert.Equal(0, page.DroppedCalls);
            calls.AddRange(page.Calls);
            mark = page.NextSinceSequence;
        }
        while (page.HasMore);
        return calls;
    }

    /// <summary>The most calls of each account that came within one second, against what it may send.</summary>
    public static void AssertQuotasKept(IEnumerable<GatewayCall> calls)
    {
        foreach (var account in calls.GroupBy(call => call.Account))
        {
            var times = account.Select(call => call.ReceivedAt).Order().ToArray();
            var (first, most, at) = (0, 0, default(DateTimeOffset));
            for (var last = 0; last < times.Length; last++)
            {
                while (times[last] - times[first] >= QuotaWindow)
                {
                    first++;
                }

                if (last - first + 1 > most)
                {
                    (most, at) = (last - first + 1, times[last]);
                }
            }

            var quota = Fleet.Accounts.Single(a => a.Code == account.Key).CallsPerSecond;
            Assert.True(most <= quota, $"{account.Key} may send {quota} calls a second, and sent {most} in the second before {at:O}");
        }
    }

    /// <summary>Cards that were answered about, each as often as it was.</summary>
    public static ILookup<long, GatewayCard> Answers(IEnumerable<GatewayCall> calls, TaskType type) =>
        calls.Where(call => call.Task == type.Name())
            .SelectMany(call => call.Cards).Where(card => card.Status == "0").ToLookup(card => Fleet.IdOf(card.Id));

    private async Task<LedgerPage> PageAsync(long since, int limit) =>
        (await http.GetFromJsonAsync<LedgerPage>(
            new Uri(address, string.Create(CultureInfo.InvariantCulture, $"/control/ledger?since_sequence={since}&limit={limit}")),
            SnakeCase, TestContext.Current.CancellationToken))!;

    internal sealed record LedgerPage(IReadOnlyList<GatewayCall> Calls, long NextSinceSequence, bool HasMore, long TotalCalls, long DroppedCalls);
}
