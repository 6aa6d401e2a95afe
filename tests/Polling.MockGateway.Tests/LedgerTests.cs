using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json;
using static Polling.MockGateway.Tests.RunningGateway;

namespace Polling.MockGateway.Tests;

public sealed class LedgerTests
{
    [Fact]
    public async Task With_32_clients_at_once_every_call_is_there_once_with_its_answers()
    {
        const int clients = 32;
        const int calls = 50;
        const int cards = 7;
        await using var gateway = await StartAsync();
        var answers = new ConcurrentDictionary<string, bool?>();
        await Task.WhenAll(Enumerable.Range(0, clients).Select(async client =>
        {
            for (var call = 0; call < calls; call++)
            {
                var asked = Enumerable.Range(((client * calls) + call) * cards, cards).Select(Iccid);
                foreach (var (card, named) in await gateway.AskAsync($"account-{client % 4}", asked))
                {
                    answers[card] = named;
                }
            }
        }));

        var ledger = await gateway.LedgerAsync(limit: 97);

        Assert.Equal(Enumerable.Range(1, clients * calls), ledger.Select(call => call.GetProperty("sequence").GetInt32()));
        var recorded = ledger.SelectMany(call => call.GetProperty("cards").EnumerateArray())
            .ToDictionary(card => card.GetProperty("id").GetString()!, card => (bool?)card.GetProperty("real_name").GetBoolean());
        Assert.Equal(answers.OrderBy(card => card.Key), recorded.OrderBy(card => card.Key));
        Assert.All(ledger, call => Assert.True(call.GetProperty("received_at").GetDateTimeOffset() <= call.GetProperty("answered_at").GetDateTimeOffset()));

        var summary = await gateway.GetAsync("/control/ledger/summary?within_seconds=60");
        Assert.Equal((clients * calls, clients * calls * cards, 0), ((int)summary["total_calls"]!, (int)summary["distinct_cards"]!, (int)summary["duplicates"]!));
        Assert.Equal(4, summary["accounts"]!.AsArray().Count);
        foreach (var account in summary["accounts"]!.AsArray())
        {
            var times = Times(ledger.Where(call => call.GetProperty("account").GetString() == (string?)account!["account"]));
            Assert.Equal((clients * calls / 4, FullestSecond(times)), ((int)account!["calls"]!, (int)account["max_per_second"]!));
        }
    }

    [Fact]
    public async Task Duplicates_and_the_shortest_gap_are_found_and_failed_calls_do_not_count()
    {
        await using var gateway = await StartAsync();
        await gateway.AskAsync("A", Iccid(1), Iccid(2));
        await gateway.AskAsync("A", Iccid(2), Iccid(3));
        await gateway.BehaveAsync("""{"faults":{"http_500":1}}""");
        using var failed = await gateway.PostAsync("A", Asking(Iccid(3), Iccid(4)));

        var summary = await gateway.GetAsync("/control/ledger/summary?within_seconds=60");
        Assert.Equal((4, 3, 1), ((int)summary["distinct_cards"]!, (int)summary["answered_cards"]!, (int)summary["duplicates"]!));
        Assert.Equal(Iccid(2), (string?)summary["min_gap_card"]);
        Assert.Equal(0, (int)(await gateway.GetAsync("/control/ledger/summary?within_seconds=0"))["duplicates"]!);

        var times = Times(await gateway.LedgerAsync());
        Assert.Equal((times[1] - times[0]).TotalMilliseconds, (double)summary["min_gap_ms"]!, 0.0005);

        var history = await gateway.GetAsync($"/control/ledger/cards/{Iccid(3)}");
        Assert.Equal(2, (int)history["count"]!);
        Assert.Null(history["min_gap_ms"]);
    }

    [Fact]
    public async Task Filters_pages_headers_and_reset()
    {
        await using var gateway = await StartAsync();
        using (await gateway.PostAsync("A", Asking(Iccid(1)), "executor-1"))
        using (await gateway.PostAsync("B", Asking(Iccid(1), Iccid(2)), "executor-2"))
        {
        }

        const string parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        using var traced = new HttpRequestMessage(HttpMethod.Post, "/gateway/A/realname") { Content = JsonContent.Create(Asking(Iccid(3))) };
        traced.Headers.Add("traceparent", parent);
        traced.Headers.Add("Idempotency-Key", "k-1");
        using (await gateway.SendAsync(traced))
        {
        }

        Assert.Equal("1, 3", Sequences(await gateway.LedgerAsync("&account=A", limit: 1)));
        Assert.Equal("2", Sequences(await gateway.LedgerAsync("&caller=executor-2")));
        Assert.Equal("1, 2", Sequences(await gateway.LedgerAsync($"&card={Iccid(1)}")));
        var last = (await gateway.LedgerAsync())[2];
        Assert.Equal("k-1", last.GetProperty("idempotency_key").GetString());
        Assert.StartsWith(parent[..36], last.GetProperty("traceparent").GetString(), StringComparison.Ordinal);

        using var deleted = await gateway.DeleteAsync("/control/ledger");
        Assert.Empty(await gateway.LedgerAsync());
        Assert.Empty((await gateway.GetAsync("/control/ledger/summary"))["accounts"]!.AsArray());
    }

    [Fact]
    public async Task A_full_ledger_drops_the_oldest_and_says_so()
    {
        await using var gateway = await StartAsync(("MockGateway:LedgerCapacity", "100"));
        for (var i = 0; i < 300; i++)
        {
            await gateway.AskAsync("A", Iccid(i));
        }

        var kept = await gateway.LedgerAsync();
        var summary = await gateway.GetAsync("/control/ledger/summary");
        Assert.InRange(kept.Count, 50, 100);
        Assert.Equal(300, kept[^1].GetProperty("sequence").GetInt32());
        Assert.Equal((300, 300 - kept.Count), ((int)summary["total_calls"]!, (int)summary["dropped_calls"]!));
    }

    [Fact]
    public async Task A_call_whose_caller_has_gone_is_recorded()
    {
        await using var gateway = await StartAsync();
        await gateway.BehaveAsync("""{"faults":{"hang":1,"hang_seconds":600}}""");
        using var impatient = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gateway.PostUntilAsync("A", Asking(Iccid(1)), "test", impatient.Token));

        List<JsonElement> ledger = [];
        for (var patience = 2_000; ledger.Count == 0 && patience > 0; patience--)
        {
            ledger = await gateway.LedgerAsync();
        }

        var call = Assert.Single(ledger);
        Assert.Equal(("gone", 499), (call.GetProperty("status").GetString(), call.GetProperty("http_status").GetInt32()));
        Assert.Equal(JsonValueKind.Null, call.GetProperty("cards")[0].GetProperty("real_name").ValueKind);
    }

    private static List<DateTimeOffset> Times(IEnumerable<JsonElement> calls) =>
        [.. calls.Select(call => call.GetProperty("received_at").GetDateTimeOffset()).Order()];

    private static int FullestSecond(List<DateTimeOffset> times) =>
        times.Max(end => times.Count(time => time <= end && time > end.AddSeconds(-1)));

    private static string Sequences(List<JsonElement> calls) =>
        string.Join(", ", calls.Select(call => call.GetProperty("sequence").GetInt32()));
}
