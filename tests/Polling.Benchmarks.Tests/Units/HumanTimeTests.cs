using Polling.Benchmarks.Units;

namespace Polling.Benchmarks.Tests.Units;

public class HumanTimeTests
{
    [Theory]
    [InlineData(0, "0 ms")]
    [InlineData(0.85, "850 ms")]
    [InlineData(1, "1.0 s")]
    [InlineData(119.9, "119.9 s")]
    [InlineData(120, "2.0 min")]
    [InlineData(5_000, "83.3 min")]
    [InlineData(7_200, "2.0 h")]
    [InlineData(500_000, "138.9 h")]
    [InlineData(604_800, "7.0 d")]
    [InlineData(1_080_000, "12.5 d")]
    public void Durations_are_said_as_people_say_them(double seconds, string text) => Assert.Equal(text, HumanTime.Of(seconds));

    [Theory]
    [InlineData(59, "59.0 s")]
    [InlineData(500_000, "500,000 s = 138.9 h")]
    public void Long_ones_have_their_seconds_beside(double seconds, string text) => Assert.Equal(text, HumanTime.Both(seconds));
}
