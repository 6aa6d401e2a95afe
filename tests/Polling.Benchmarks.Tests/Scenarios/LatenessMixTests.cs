using Polling.Benchmarks.Api;
using Polling.Benchmarks.Scenarios;

namespace Polling.Benchmarks.Tests.Scenarios;

public class LatenessMixTests
{
    [Fact]
    public void Of_one_it_is_that_one()
    {
        var one = new Spread(1000, 10, 200, 3000);
        Assert.Equal(one, LatenessMix.Of([one]));
        Assert.Equal(one, LatenessMix.Of([one, new Spread(0, null, null, null)]));
    }

    [Fact]
    public void Few_late_ones_do_not_make_all_late()
    {
        var mixed = LatenessMix.Of([new Spread(100_000, 1, 50, 100), new Spread(100, 60_000, 60_000, 60_000)]);
        Assert.Equal(100_100, mixed.Count);
        Assert.InRange(mixed.P50Ms!.Value, 1, 5);
        Assert.InRange(mixed.P95Ms!.Value, 50, 55);
        Assert.Equal(100, mixed.P99Ms);
    }

    [Fact]
    public void Enough_of_them_do()
    {
        var mixed = LatenessMix.Of([new Spread(900, 1, 50, 100), new Spread(100, 60_000, 60_000, 60_000)]);
        Assert.InRange(mixed.P50Ms!.Value, 1, 15);
        Assert.Equal((60_000, 60_000), (mixed.P95Ms, mixed.P99Ms));
    }

    // Half of each: of 20,000 values the true percentiles are known.
    [Fact]
    public void The_99th_is_never_too_small_and_the_others_are_near()
    {
        var random = new Random(1);
        double[] quick = [.. Enumerable.Range(0, 10_000).Select(_ => 100 * random.NextDouble()).Order()];
        double[] slow = [.. Enumerable.Range(0, 10_000).Select(_ => 5_000 * random.NextDouble()).Order()];
        double[] all = [.. quick.Concat(slow).Order()];
        var mixed = LatenessMix.Of([Of(quick), Of(slow)]);
        Assert.True(mixed.P99Ms >= all[19_800], $"{mixed.P99Ms} of {all[19_800]}");
        Assert.InRange(mixed.P50Ms!.Value, 0.7 * all[10_000], 1.5 * all[10_000]);
        Assert.InRange(mixed.P95Ms!.Value, 0.9 * all[19_000], 1.1 * all[19_000]);

        static Spread Of(double[] sorted) => new(sorted.Length, sorted[5_000], sorted[9_500], sorted[9_900]);
    }

    [Fact]
    public void Of_none_nothing_is_known() => Assert.Equal(new Spread(0, null, null, null), LatenessMix.Of([new Spread(0, null, null, null)]));
}
