using Polling.Core.Scheduling;

namespace Polling.Core.Tests.Scheduling;

public class PhaseGridTests
{
    private const long Minute = 60_000;

    [Theory]
    [InlineData(1, 1_000)]
    [InlineData(123_456_789, 1_000)]
    [InlineData(699_990_000, 1_000)]
    public void Any_run_of_ids_is_spread_evenly_over_the_interval(long firstId, int cards)
    {
        var perSecond = Enumerable.Range(0, cards).GroupBy(i => PhaseGrid.Phase(firstId + i, Minute) / 1000).Select(g => g.Count()).ToArray();

        Assert.Equal(60, perSecond.Length);
        Assert.All(perSecond, n => Assert.InRange(n, (cards / 60) - 2, (cards / 60) + 3));
    }

    [Fact]
    public void However_late_or_early_a_check_is_the_card_keeps_its_phase_and_rests_half_an_interval()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        for (var i = 0; i < 10_000; i++)
        {
            var id = random.NextInt64(1, 700_000_000);
            var interval = random.NextInt64(1_000, 30L * 24 * 3_600_000);
            var checkedMs = 1_800_000_000_000 + random.NextInt64(10_000_000_000);
            var due = PhaseGrid.Next(id, interval, checkedMs);

            Assert.True((due - PhaseGrid.Phase(id, interval)) % interval == 0, $"seed {seed}: card {id} left its grid of {interval} ms");
            // Promotion may take a card along a tenth of its interval early.
            var rest = due - interval / 10 - checkedMs;
            Assert.True(rest > interval / 2, $"seed {seed}: card {id} rests {rest} ms of {interval} ms");
            Assert.True(due - checkedMs <= interval + interval / 2 + interval / 10 + 1, $"seed {seed}: card {id} skips a turn");
        }
    }
}
