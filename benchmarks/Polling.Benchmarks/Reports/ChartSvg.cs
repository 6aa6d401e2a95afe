using System.Globalization;
using System.Text;
using System.Xml.Linq;

namespace Polling.Benchmarks.Reports;

/// <summary>Draws a chart as SVG that fits light and dark pages: it has a ground of its own, and follows the reader's colour scheme.</summary>
internal static class ChartSvg
{
    private const double Width = 880;
    private const double Height = 340;
    private const double Left = 76;
    private const double Right = 24;
    private const double Bottom = 40;
    private const double LegendTop = 62;
    private const double LegendRow = 18;
    private const int PointsMax = 420;
    private const string Style = """
        .ground { fill: #ffffff; stroke: #d9dee3; } .title { font-size: 15px; font-weight: 600; } .small { font-size: 11px; } text { fill: #24292f; font-family: system-ui, -apple-system, 'Segoe UI', sans-serif; }
        .muted { fill: #5b6570; } .grid { stroke: #e4e8ec; } .axis { stroke: #8b949e; } .stretch { fill: #6e7781; fill-opacity: 0.09; } .line { fill: none; stroke-width: 1.8; stroke-linejoin: round; }
        .limit { fill: none; stroke: #6e7781; stroke-width: 1.4; stroke-dasharray: 6 4; }
        .c0 { stroke: #0969da; } .c1 { stroke: #d1570a; } .c2 { stroke: #1a7f37; } .c3 { stroke: #8250df; } .c4 { stroke: #bf3989; } .c5 { stroke: #9a6700; } .c6 { stroke: #0b7f8a; } .c7 { stroke: #57606a; } .c8 { stroke: #cf222e; }
        @media (prefers-color-scheme: dark) {
          .ground { fill: #0d1117; stroke: #30363d; } text { fill: #e6edf3; } .muted { fill: #9aa4ae; } .grid { stroke: #21282f; } .axis { stroke: #6e7681; } .stretch { fill: #b1bac4; } .limit { stroke: #9aa4ae; }
          .c0 { stroke: #58a6ff; } .c1 { stroke: #f0883e; } .c2 { stroke: #3fb950; } .c3 { stroke: #bc8cff; } .c4 { stroke: #f778ba; } .c5 { stroke: #d29922; } .c6 { stroke: #39c5cf; } .c7 { stroke: #b1bac4; } .c8 { stroke: #ff7b72; }
        }
        """;

    private const int Colours = 9;

    // So wide are letters of the legend, about.
    private const double Letter = 6.3;
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    /// <summary>The chart as a document.</summary>
    public static XDocument Draw(Chart chart)
    {
        var (legend, rows) = Legend(chart);
        var top = LegendTop + rows * LegendRow + 10;
        var area = new Area(top, chart.Times[0], Math.Max(chart.Times[^1], chart.Times[0] + 1), chart.Axis);
        var root = Element("svg",
            ("viewBox", $"0 0 {Text(Width)} {Text(Height)}"), ("width", Width), ("height", Height), ("role", "img"), ("aria-label", $"{chart.Title}, {chart.Unit}"));
        root.Add(
            new XElement(Svg + "title", $"{chart.Title}, {chart.Unit}"),
            new XElement(Svg + "style", Style),
            Element("rect", ("class", "ground"), ("x", 0.5), ("y", 0.5), ("width", Width - 1), ("height", Height - 1), ("rx", 6)),
            Label(chart.Title, Left - 52, 28, "title"),
            Label(chart.Unit, Left - 52, 46, "small muted"));
        root.Add(chart.Stretches.SelectMany(stretch => Stretch(area, stretch)));
        root.Add(Grid(area, chart.Axis));
        root.Add(legend);
        var colour = 0;
        root.Add(chart.Series.Select(series => Line(area, chart.Times, series, series.IsLimit ? "limit" : $"line c{colour++ % Colours}")));
        return new XDocument(root);
    }

    private static IEnumerable<XElement> Grid(Area area, ChartAxis axis)
    {
        foreach (var tick in axis.Ticks)
        {
            var y = area.Y(tick);
            yield return Element("line", ("class", "grid"), ("x1", Left), ("x2", Width - Right), ("y1", y), ("y2", y));
            yield return Label(axis.Text(tick), Left - 8, y + 4, "small muted", "end");
        }

        yield return Element("line", ("class", "axis"), ("x1", Left), ("x2", Width - Right), ("y1", Height - Bottom), ("y2", Height - Bottom));
        foreach (var time in ChartAxis.Times(area.From, area.To))
        {
            var x = area.X(time);
            yield return Element("line", ("class", "axis"), ("x1", x), ("x2", x), ("y1", Height - Bottom), ("y2", Height - Bottom + 4));
            yield return Label(Clock(time, area.To), x, Height - Bottom + 18, "small muted", "middle");
        }
    }

    private static IEnumerable<XElement> Stretch(Area area, ChartStretch stretch)
    {
        const double NameWidthMin = 50;
        var (from, to) = (area.X(stretch.From), area.X(stretch.To));
        yield return Element("rect", ("class", "stretch"), ("x", from), ("y", area.Top), ("width", Math.Max(0, to - from)), ("height", Height - Bottom - area.Top));
        if (to - from >= NameWidthMin)
        {
            yield return Label(stretch.Name, (from + to) / 2, area.Top + 13, "small muted", "middle");
        }
    }

    private static (IReadOnlyList<XElement> Elements, int Rows) Legend(Chart chart)
    {
        const double Sample = 22;
        const double Gap = 18;
        var elements = new List<XElement>();
        var (x, row, colour) = (Left - 52, 0, 0);
        foreach (var series in chart.Series)
        {
            var width = Sample + series.Name.Length * Letter + Gap;
            if (x + width > Width - Right)
            {
                (x, row) = (Left - 52, row + 1);
            }

            var y = LegendTop + row * LegendRow;
            elements.Add(Element("line", ("class", series.IsLimit ? "limit" : $"line c{colour++ % Colours}"), ("x1", x), ("x2", x + Sample - 6), ("y1", y), ("y2", y)));
            elements.Add(Label(series.Name, x + Sample, y + 4, "small"));
            x += width;
        }

        return (elements, row + 1);
    }

    private static XElement Line(Area area, IReadOnlyList<double> times, ChartSeries series, string style)
    {
        var path = new StringBuilder();
        var pen = false;
        foreach (var (time, value) in Thin(times, series.Values))
        {
            if (value is { } known)
            {
                path.Append(pen ? 'L' : 'M').Append(Text(area.X(time))).Append(' ').Append(Text(area.Y(known)));
            }

            pen = value is not null;
        }

        return Element("path", ("class", style), ("d", path.ToString()));
    }

    // Means of stretches: more points than pixels only blur.
    private static IEnumerable<(double Time, double? Value)> Thin(IReadOnlyList<double> times, IReadOnlyList<double?> values)
    {
        var size = Math.Max(1, (int)Math.Ceiling(times.Count / (double)PointsMax));
        return times.Zip(values).Chunk(size).Select(chunk => (chunk[chunk.Length / 2].First, chunk.Average(point => point.Second)));
    }

    private static string Clock(double seconds, double last) => last < 120
        ? string.Create(CultureInfo.InvariantCulture, $"{seconds:0} s")
        : last < 7200 ? string.Create(CultureInfo.InvariantCulture, $"{(int)seconds / 60}:{(int)seconds % 60:00} min") : string.Create(CultureInfo.InvariantCulture, $"{(int)seconds / 3600}:{(int)seconds / 60 % 60:00} h");

    private static XElement Label(string text, double x, double y, string style, string anchor = "start")
    {
        var label = Element("text", ("class", style), ("x", x), ("y", y), ("text-anchor", anchor));
        label.Value = text;
        return label;
    }

    private static XElement Element(string name, params (string Name, object Value)[] attributes) =>
        new(Svg + name, attributes.Select(attribute => new XAttribute(attribute.Name, attribute.Value is double number ? Text(number) : attribute.Value)));

    private static string Text(double number) => number.ToString("0.##", CultureInfo.InvariantCulture);

    private sealed record Area(double Top, double From, double To, ChartAxis Axis)
    {
        public double X(double time) => Left + (Width - Left - Right) * (Math.Clamp(time, From, To) - From) / (To - From);

        public double Y(double value) => Height - Bottom - (Height - Bottom - Top) * Axis.Place(value);
    }
}
