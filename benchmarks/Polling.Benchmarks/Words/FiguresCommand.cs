using System.ComponentModel;
using Polling.Benchmarks.Engine;
using Polling.Benchmarks.Figures;
using Polling.Benchmarks.Operations;
using Polling.Benchmarks.Pipeline;
using Spectre.Console.Cli;

namespace Polling.Benchmarks.Words;

internal sealed class FiguresSettings : CommandSettings
{
    [CommandOption("--json"), Description("One object a line: figure, value, unit, target, met, note.")]
    public bool Json { get; init; }

    [CommandOption("--only <ROW[,ROW...]>"), Description("Some rows only.")]
    public string? Only { get; init; }
}

/// <summary>Measures rows of figures. It ends with 0 also where a target is missed.</summary>
internal abstract class FiguresCommand(IReadOnlyList<string> rows, Func<FigureReport, string[], Task> measure) : AsyncCommand<FiguresSettings>
{
    public override async Task<int> ExecuteAsync(CommandContext context, FiguresSettings settings, CancellationToken cancellationToken)
    {
        string[] asked = settings.Only?.Split(',') ?? [.. rows];
        if (asked.FirstOrDefault(row => !rows.Contains(row)) is { } unknown)
        {
            throw new WordException($"--only: there is no row '{unknown}'. There are: {string.Join(", ", rows)}.");
        }

        await measure(new FigureReport(Console.Out, settings.Json), asked).WaitAsync(cancellationToken);
        return 0;
    }
}

internal sealed class EngineCommand() : FiguresCommand(EngineBenchmark.Rows, (report, rows) => new EngineBenchmark(report).RunAsync(rows));

internal sealed class OperationsCommand() : FiguresCommand(OperationsBenchmark.Rows, (report, rows) => new OperationsBenchmark(report).RunAsync(rows));

internal sealed class PipelineCommand() : FiguresCommand(PipelineBenchmark.Rows, (report, rows) => new PipelineBenchmark(report).RunAsync(rows));
