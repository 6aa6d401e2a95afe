using System.Text.Json;
using Polling.Benchmarks.Figures;
using static Polling.Benchmarks.Figures.Medians;

namespace Polling.Benchmarks.Tests.Figures;

public class FigureReportTests
{
    [Fact]
    public async Task A_row_that_cannot_be_measured_is_told_with_the_reason()
    {
        using var output = new StringWriter();
        await new FigureReport(output, json: true).TryAsync("http", () => throw new TimeoutException("After 9 s: still not idle."));
        using var told = JsonDocument.Parse(output.ToString());
        Assert.Equal("http", told.RootElement.GetProperty("figure").GetString());
        Assert.Equal(JsonValueKind.Null, told.RootElement.GetProperty("value").ValueKind);
        Assert.Equal("After 9 s: still not idle.", told.RootElement.GetProperty("note").GetString());
    }

    [Fact]
    public async Task A_mistake_of_the_program_is_not_told_as_a_row() =>
        await Assert.ThrowsAsync<NullReferenceException>(() => new FigureReport(TextWriter.Null, json: true).TryAsync("http", () => throw new NullReferenceException()));

    [Theory]
    [InlineData(new double[] { 3 }, 3)]
    [InlineData(new double[] { 9, 1, 2 }, 2)]
    [InlineData(new double[] { 4, 1, 3, 2 }, 3)]
    public void The_median_is_the_value_in_the_middle(double[] values, double median) => Assert.Equal(median, Median(values));
}
