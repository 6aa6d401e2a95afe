using Polling.Benchmarks.Reports;

namespace Polling.Benchmarks.Tests.Reports;

public class ChartAxisTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(0.3)]
    [InlineData(7)]
    [InlineData(100)]
    [InlineData(123_456)]
    public void Linear_axes_hold_every_value_below_a_round_number(double max)
    {
        var axis = ChartAxis.Linear([0, max], value => $"{value}");
        Assert.InRange(axis.Ticks.Count, 2, 8);
        Assert.True(axis.Ticks[^1] >= max);
        Assert.Equal((0, 1), (axis.Place(0), axis.Place(axis.Ticks[^1])));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 0)]
    [InlineData(60_000, 1)]
    public void Logarithmic_axes_begin_at_a_millisecond(double ms, double place) => Assert.Equal(place, ChartAxis.LogarithmicMs([3, 45_000]).Place(ms), 0.0001);

    [Theory]
    [InlineData(10, "10 ms")]
    [InlineData(10_000, "10 s")]
    [InlineData(600_000, "10 min")]
    [InlineData(36_000_000, "10 h")]
    public void Lateness_is_called_by_its_unit(double ms, string text) => Assert.Equal(text, ChartAxis.Duration(ms));

    [Theory]
    [InlineData(30)]
    [InlineData(600)]
    [InlineData(86_400)]
    public void Times_have_few_marks(double seconds) => Assert.InRange(ChartAxis.Times(0, seconds).Count, 3, 9);
}
