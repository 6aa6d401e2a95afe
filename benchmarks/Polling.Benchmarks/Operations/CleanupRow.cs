using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using Polling.Benchmarks.Figures;

namespace Polling.Benchmarks.Operations;

/// <summary>A clean-up of two million usage records while cards are polled, whose scheduler is killed in the middle.</summary>
internal sealed class CleanupRow(WholeSystem system, FigureReport report)
{
    private const double OfferedMin = 0.99;
    private static readonly TimeSpan Before = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(50);

    public async Task MeasureAsync()
    {
        var before = await system.SampleAsync(Before);
        var from = DateTimeOffset.UtcNow;
        var config = await system.ScalarAsync<int>("SELECT id FROM tb_data_cleanup_config WHERE dataset = 'usage_record'");
        using (var asked = await system.Api.PostAsJsonAsync("data-cleanup/trigger", new { config_ids = new[] { config } }))
        {
            asked.EnsureSuccessStatusCode();
        }

        var run = await system.ScalarAsync<long>("SELECT max(id) FROM tb_data_cleanup_run");
        await UntilAsync("in the middle of the clean-up", () => RemovedAsync(run), removed => removed >= UsageHistory.OfWholeMonths + UsageHistory.MixedAndOld / 3);
        var holder = await system.ScalarAsync<string>("SELECT holder FROM tb_singleton_lease WHERE name = 'data-cleanup'");
        await system.Processes.KillAsync(int.Parse(holder.Split(':')[1], CultureInfo.InvariantCulture));
        var (killed, had) = (Stopwatch.GetTimestamp(), await RemovedAsync(run));
        system.StartScheduler("scheduler-again");
        await UntilAsync("cleaned up by another scheduler", () => RemovedAsync(run), removed => removed > had);
        var idle = Stopwatch.GetElapsedTime(killed);
        await UntilAsync(
            "at the clean-up's end", () => system.ScalarAsync<long>("SELECT count(*) FROM tb_data_cleanup_run WHERE id = $1 AND finished_at IS NOT NULL", run), ended => ended == 1);
        var to = DateTimeOffset.UtcNow;
        var meanwhile = await system.SampleAsync(from, to);

        report.Add(new Figure("clean-up of 2 M usage records: cards polled / due meanwhile", meanwhile.Share, "", OfferedMin, Note: string.Create(
            CultureInfo.InvariantCulture, $"before {before.Share:F3}; it took {(to - from).TotalSeconds:F0} s")));
        report.Add(new Figure("  lateness p95 meanwhile", meanwhile.LatenessP95Ms, "ms", Note: string.Create(CultureInfo.InvariantCulture, $"before {before.LatenessP95Ms:F0} ms")));
        report.Add(new Figure("  kill -9 in the middle: until another goes on", idle.TotalSeconds, "s", 20, AtMost: true));
        await ReportCountsAsync(run, to);
    }

    private async Task ReportCountsAsync(long run, DateTimeOffset now)
    {
        var removed = await RemovedAsync(run);
        var dropped = await system.ScalarAsync<int>("SELECT cardinality(dropped_partitions) FROM tb_data_cleanup_step WHERE run_id = $1", run);
        var left = await system.ScalarAsync<long>(UsageHistory.LeftSql("count(*)"), now.UtcDateTime);
        var leftBytes = await system.ScalarAsync<long>(UsageHistory.LeftSql("sum(used_bytes)"), now.UtcDateTime);
        report.Add(new Figure(
            "  records removed in retention, or left over it", Math.Abs(UsageHistory.Kept - left), "records", 0, AtMost: true, Note: string.Create(CultureInfo.InvariantCulture,
                $"{left} are left, {(leftBytes == UsageHistory.KeptBytes ? "the right ones" : "NOT THE RIGHT ONES")}; {dropped} months dropped whole")));
        report.Add(new Figure("  removed records not counted once", Math.Abs(UsageHistory.Old - removed), "records", 0, AtMost: true, Note: string.Create(
            CultureInfo.InvariantCulture, $"{removed} counted")));
    }

    private Task<long> RemovedAsync(long run) => system.ScalarAsync<long>("SELECT removed FROM tb_data_cleanup_step WHERE run_id = $1", run);

    private Task UntilAsync(string what, Func<Task<long>> read, Func<long, bool> isReached) =>
        system.Processes.UntilAsync(what, Patience, async () => isReached(await read()), LookEvery);
}
