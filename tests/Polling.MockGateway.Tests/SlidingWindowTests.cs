using Polling.MockGateway.Quotas;

namespace Polling.MockGateway.Tests;

public sealed class SlidingWindowTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Counts_and_maximum_are_those_of_a_plain_count(int seed)
    {
#pragma warning disable CA5394 // A seeded generator is what a repeatable test needs.
        var random = new Random(seed);
        var window = new SlidingWindow();
        var times = new List<long>();
        long now = 0;
        var max = 0;
        for (var i = 0; i < 3_000; i++)
        {
            // Bursts, pauses, and steps of exactly one second.
            now += random.Next(20) switch { 0 => 1_000_000, 1 => random.Next(3_000_000), < 10 => 0, _ => random.Next(20_000) };
#pragma warning restore CA5394
            window.Add(now);
            times.Add(now);
            var expected = times.Count(time => time > now - 1_000_000);
            max = Math.Max(max, expected);
            Assert.Equal((expected, max), (window.Count, window.Max));
        }
    }

    [Fact]
    public void Two_calls_exactly_a_second_apart_are_in_different_windows()
    {
        var window = new SlidingWindow();
        window.Add(5);
        window.Add(1_000_005);
        Assert.Equal((1, 1), (window.Count, window.Max));
        window.Add(2_000_004);
        Assert.Equal((2, 2_000_004L), (window.Max, window.MaxAtUs));
    }
}
