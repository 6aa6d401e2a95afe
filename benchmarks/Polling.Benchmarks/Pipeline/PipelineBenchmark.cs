using Polling.Benchmarks.Figures;

namespace Polling.Benchmarks.Pipeline;

/// <summary>The figures of the whole path of a check, beside what its parts can do alone.</summary>
internal sealed class PipelineBenchmark(FigureReport report)
{
    /// <summary>Names of the rows, in the order in which they are measured.</summary>
    public static IReadOnlyList<string> Rows { get; } = ["writer", "initialisation", "http", "executors"];

    /// <summary>Measures some rows.</summary>
    public async Task RunAsync(IReadOnlyCollection<string> rows)
    {
        foreach (var row in Rows.Where(rows.Contains))
        {
            await report.TryAsync(row, row switch
            {
                "writer" => () => new WriterRow(report).MeasureAsync(),
                "initialisation" => () => new InitialisationRow(report).MeasureAsync(),
                "http" => () => new HttpRow(report).MeasureAsync(),
                _ => () => new ExecutorsRow(report).MeasureAsync(),
            });
        }
    }
}
