using Polling.Benchmarks.Figures;

namespace Polling.Benchmarks.Pipeline;

/// <summary>The figures of the whole path of a check, beside what its parts can do alone.</summary>
internal sealed class PipelineBenchmark(FigureReport report)
{
    /// <summary>Names of the rows, in the order in which they are measured.</summary>
    public static IReadOnlyList<string> Rows { get; } = ["writer", "initialisation"];

    /// <summary>Measures some rows.</summary>
    public async Task RunAsync(IReadOnlyCollection<string> rows)
    {
        if (rows.Contains("writer"))
        {
            await new WriterRow(report).MeasureAsync();
        }

        if (rows.Contains("initialisation"))
        {
            await new InitialisationRow(report).MeasureAsync();
        }
    }
}
