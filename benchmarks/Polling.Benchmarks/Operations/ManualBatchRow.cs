using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Polling.Benchmarks.Figures;

namespace Polling.Benchmarks.Operations;

/// <summary>A manual batch of the largest account's cards: accepted, cancelled in the middle, counted, and what the other accounts feel of it.</summary>
internal sealed class ManualBatchRow(WholeSystem system, FigureReport report)
{
    private const int Cards = 100_000;
    private const double WorseMax = 1.1;
    private const double WorseMsMax = 100;
    private const int AnHour = 3600;
    private const string Path = "polling-manual-trigger";
    private static readonly TimeSpan Before = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    public async Task MeasureAsync()
    {
        var before = await system.SampleAsync(Before, Fleet.CardsOfLargest);
        using (var emptied = await system.Gateway.DeleteAsync(new Uri("/control/ledger", UriKind.Relative)))
        {
            emptied.EnsureSuccessStatusCode();
        }

        var from = DateTimeOffset.UtcNow;
        var (accepted, acceptedIn) = await PostAsync("batch", new { card_ids = Enumerable.Range(1, Cards), task_type = "package" });
        report.Add(new Figure("a manual batch of 100,000 cards: until accepted", acceptedIn.TotalSeconds, "s", 2, AtMost: true));
        var trigger = accepted.GetProperty("trigger_id").GetString()!;
        await system.Processes.UntilAsync(
            "half of the batch asked", Patience, async () => (await ProgressAsync(trigger)).GetProperty("done").GetInt64() >= Cards / 2, LookEvery);
        var (_, cancelledIn) = await PostAsync("cancel", new { trigger_id = trigger });
        var to = DateTimeOffset.UtcNow;
        await system.Processes.UntilAsync(
            "at the batch's end", Patience, async () => (await ProgressAsync(trigger)).GetProperty("finished_at").ValueKind != JsonValueKind.Null);
        report.Add(new Figure("  cancelled in the middle: until answered", cancelledIn.TotalSeconds, "s", 1, AtMost: true));
        await ReportCountsAsync(trigger, await ProgressAsync(trigger), (to - from).TotalSeconds);

        var meanwhile = await system.SampleAsync(from, to, Fleet.CardsOfLargest);
        report.Add(new Figure(
            "  lateness p95 of other accounts meanwhile", meanwhile.LatenessP95Ms, "ms", Math.Max(before.LatenessP95Ms * WorseMax, before.LatenessP95Ms + WorseMsMax),
            AtMost: true, Note: string.Create(CultureInfo.InvariantCulture,
                $"before {before.LatenessP95Ms:F0} ms; polled / due {before.Share:F3} before and {meanwhile.Share:F3} meanwhile")));
    }

    private async Task ReportCountsAsync(string trigger, JsonElement end, double seconds)
    {
        var id = long.Parse(trigger, CultureInfo.InvariantCulture);
        var last = await system.ScalarAsync<double>(
            """
            SELECT coalesce(extract(epoch FROM max(i.finished_at) - max(t.cancelled_at)), 0)::float8
            FROM tb_polling_manual_item i JOIN tb_polling_manual_trigger t ON t.id = i.trigger_id WHERE t.id = $1 AND i.state IN (2, 3)
            """, id);
        var asked = await system.ScalarAsync<long>("SELECT count(*) FROM tb_polling_manual_item WHERE trigger_id = $1 AND state IN (2, 3)", id);
        report.Add(new Figure("  from the cancel to the last answer of one of its cards", last, "s", 1, AtMost: true));

        using var ledger = await system.Gateway.GetFromJsonAsync<JsonDocument>($"/control/ledger/summary?task=package&within_seconds={AnHour}");
        var (answered, twice) = (ledger!.RootElement.GetProperty("answered_cards").GetInt64(), ledger.RootElement.GetProperty("duplicates").GetInt64());
        long Count(string state) => end.GetProperty(state).GetInt64();
        var (done, failed, skipped, cancelled) = (Count("done"), Count("failed"), Count("skipped"), Count("cancelled"));
        var wrong = Math.Abs(Cards - done - failed - skipped - cancelled) + Math.Abs(done + failed - asked) + Math.Abs(done - answered) + twice;
        report.Add(new Figure("  cards not counted once", wrong, "cards", 0, AtMost: true, Note: string.Create(CultureInfo.InvariantCulture,
            $"done {done}, failed {failed}, skipped {skipped}, cancelled {cancelled}; the gateway answered for {answered}, {twice} of them twice; {asked / seconds:F0} cards/s by hand")));
    }

    private async Task<JsonElement> ProgressAsync(string trigger) => await system.Api.GetFromJsonAsync<JsonElement>($"{Path}/{trigger}");

    private async Task<(JsonElement Answer, TimeSpan Took)> PostAsync(string what, object body)
    {
        using var content = JsonContent.Create(body);
        await content.LoadIntoBufferAsync();
        var started = Stopwatch.GetTimestamp();
        using var answer = await system.Api.PostAsync(new Uri($"{Path}/{what}", UriKind.Relative), content);
        var json = await answer.Content.ReadFromJsonAsync<JsonElement>();
        var took = Stopwatch.GetElapsedTime(started);
        return answer.IsSuccessStatusCode ? (json, took) : throw new InvalidOperationException($"{Path}/{what} was answered with {(int)answer.StatusCode}: {json}");
    }
}
