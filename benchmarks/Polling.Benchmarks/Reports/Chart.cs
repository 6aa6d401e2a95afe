namespace Polling.Benchmarks.Reports;

/// <summary>A line of a chart.</summary>
/// <param name="Name">For the legend.</param>
/// <param name="Values">One for each time; null = a gap.</param>
/// <param name="IsLimit">Drawn dashed and grey: what must not be exceeded, or is allowed.</param>
internal sealed record ChartSeries(string Name, IReadOnlyList<double?> Values, bool IsLimit = false);

/// <summary>A stretch of time that is marked.</summary>
/// <param name="Name">Written above it.</param>
/// <param name="From">s.</param>
/// <param name="To">s.</param>
internal sealed record ChartStretch(string Name, double From, double To);

/// <summary>What a chart shows over time.</summary>
/// <param name="Title">What.</param>
/// <param name="Unit">Of the values, as its subtitle says.</param>
/// <param name="Times">s, growing.</param>
/// <param name="Series">Lines; limits last.</param>
/// <param name="Axis">How values are placed and called.</param>
/// <param name="Stretches">What is not measured.</param>
internal sealed record Chart(
    string Title, string Unit, IReadOnlyList<double> Times, IReadOnlyList<ChartSeries> Series, ChartAxis Axis, IReadOnlyList<ChartStretch> Stretches);
