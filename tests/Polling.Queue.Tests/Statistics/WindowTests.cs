using Polling.Core.Queue.Lateness;
using Polling.Core.Statistics.Windows;
using Polling.Queue.Tests.Harness;

namespace Polling.Queue.Tests.Statistics;

public class WindowTests(Engines engines)
{
    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task What_a_process_counted_is_in_every_window(Engine engine)
    {
        var queue = await TestQueue.StartAsync(engines, engine);
        queue.Tally.Admitted(TestQueue.Type, 1, 7);
        queue.Tally.Refused(TestQueue.Type, 1);
        queue.Tally.Late(TestQueue.Type, 1, [(LatenessCause.OnTime, TimeSpan.FromMilliseconds(200)), (LatenessCause.Quota, TimeSpan.FromSeconds(60))]);
        queue.Tally.Completed(TestQueue.Type, 1, TimeSpan.FromMilliseconds(100), success: 5, failures: ["timeout"]);
        queue.Tally.Completed(TestQueue.Type, 2, TimeSpan.FromMilliseconds(400), success: 1, failures: ["12009"]);
        await queue.Writer.WriteAsync();

        foreach (var window in StatisticsWindows.All)
        {
            var figures = await queue.Windows.ReadAsync(TestQueue.Type, window, queue.Now);
            Assert.Equal((7, 2, 6, 2, 1), (figures.Admitted, figures.Calls, figures.Success, figures.Failed, figures.Refused));
            Assert.Equal((75.0, 175.0), (figures.SuccessRate!.Value, figures.AvgDurationMs!.Value));
            Assert.InRange(figures.Duration.P50Ms!.Value, 91, 109);
            Assert.InRange(figures.Duration.P99Ms!.Value, 364, 436);
            Assert.Equal(2, figures.Lateness.Count);
            Assert.InRange(figures.LatenessByCause[LatenessCause.Quota].P95Ms!.Value, 54_500, 65_500);
            Assert.Equal(new Dictionary<string, long> { ["timeout"] = 1, ["12009"] = 1 }, figures.Errors);
            Assert.True(figures.From < queue.Now && figures.To == queue.Now);

            var accounts = await queue.Windows.ReadAccountsAsync(TestQueue.Type, window, queue.Now);
            Assert.Equal([(1, 6, 1), (2, 2, 0)], accounts.OrderBy(a => a.Key).Select(a => (a.Key, (int)a.Value.Total, (int)a.Value.Refused)));
        }
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task A_window_forgets_what_is_older(Engine engine)
    {
        var queue = await TestQueue.StartAsync(engines, engine);
        await CheckedAsync(queue, 1);
        await queue.AdvanceAsync(TimeSpan.FromMinutes(2));
        await CheckedAsync(queue, 10);
        await queue.AdvanceAsync(TimeSpan.FromMinutes(20));
        await CheckedAsync(queue, 100);

        Assert.Equal<long[]>([100, 100, 111, 111], await TotalsAsync());

        // It is 16:22 in Shanghai then; the next day none of it is of today.
        await queue.AdvanceAsync(TimeSpan.FromHours(12));
        await CheckedAsync(queue, 1000);
        Assert.Equal<long[]>([1000, 1000, 1000, 1000], await TotalsAsync());

        async Task<long[]> TotalsAsync() =>
            await Task.WhenAll(StatisticsWindows.All.Select(async window => (await queue.Windows.ReadAsync(TestQueue.Type, window, queue.Now)).Total));
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task A_slot_that_is_over_is_read_once_and_forgotten_when_redis_may_have_lost_it(Engine engine)
    {
        var queue = await TestQueue.StartAsync(engines, engine);
        await CheckedAsync(queue, 1);
        Assert.Equal((1, 1), await TotalsAsync());
        await CheckedAsync(queue, 10);
        Assert.Equal((11, 11), await TotalsAsync());
        await queue.AdvanceAsync(TimeSpan.FromMinutes(5));
        await CheckedAsync(queue, 100);
        Assert.Equal((111, 111), await TotalsAsync());

        // What nobody can write any more is not asked for; what is written to is.
        var slot = StatisticsTier.FiveMinutes.SlotOf(queue.Now);
        await queue.Redis.KeyDeleteAsync([queue.Keys.StatisticsSlot(TestQueue.Type, "5m", slot - 1), queue.Keys.StatisticsAccountsSlot(TestQueue.Type, "5m", slot - 1)]);
        await CheckedAsync(queue, 1000);
        Assert.Equal((1111, 1111), await TotalsAsync());

        await queue.Redis.HashSetAsync(queue.Keys.Epoch(TestQueue.Type), "epoch", "8");
        Assert.Equal((1100, 1100), await TotalsAsync());

        async Task<(long OfType, long OfAccount)> TotalsAsync() => (
            (await queue.Windows.ReadAsync(TestQueue.Type, StatisticsWindow.Hour, queue.Now)).Total,
            (await queue.Windows.ReadAccountsAsync(TestQueue.Type, StatisticsWindow.Hour, queue.Now))[1].Total);
    }

    [Theory, MemberData(nameof(Engines.All), MemberType = typeof(Engines))]
    public async Task Windows_without_anything_have_no_rates(Engine engine)
    {
        var queue = await TestQueue.StartAsync(engines, engine);
        await queue.Writer.WriteAsync();

        var figures = await queue.Windows.ReadAsync(TestQueue.Type, StatisticsWindow.Hour, queue.Now);
        Assert.Equal((0, null, null, null), (figures.Total, figures.SuccessRate, figures.AvgDurationMs, figures.Duration.P95Ms));
        Assert.Empty(await queue.Windows.ReadAccountsAsync(TestQueue.Type, StatisticsWindow.Hour, queue.Now));
    }

    [Fact]
    public void A_carrier_with_ever_new_codes_does_not_fill_redis()
    {
        var tally = new Tally();
        tally.Completed(TestQueue.Type, 1, TimeSpan.FromSeconds(1), success: 0, failures: [.. Enumerable.Range(0, 500).Select(i => $"code {i}")]);

        var codes = tally.Take().Where(count => count.Key.Figure.StartsWith("e:", StringComparison.Ordinal)).ToArray();
        Assert.Equal((101, 500), (codes.Length, codes.Sum(code => code.Value)));
        Assert.Equal(400, codes.Single(code => code.Key.Figure == $"e:{Tally.OtherCode}").Value);
    }

    [Theory, InlineData(0.5, 50), InlineData(0.95, 95), InlineData(0.99, 99), InlineData(1, 100)]
    public void A_percentile_is_off_by_9_percent_at_most(double share, double seconds)
    {
        var counts = new long[LogScale.BucketMax + 1];
        foreach (var counted in Enumerable.Range(1, 100))
        {
            counts[LogScale.BucketOf(TimeSpan.FromSeconds(counted))]++;
        }

        Assert.InRange(LogScale.Percentile(counts, share)!.Value / 1000, seconds / 1.0906, seconds * 1.0906);
    }

    private static async Task CheckedAsync(TestQueue queue, int cards)
    {
        queue.Tally.Completed(TestQueue.Type, 1, TimeSpan.FromMilliseconds(10), cards, []);
        await queue.Writer.WriteAsync();
    }
}
