using System.ComponentModel;
using Spectre.Console.Cli;

namespace Polling.Benchmarks.Reports;

internal sealed class ReportSettings : CommandSettings
{
    [CommandArgument(0, "<FOLDER>"), Description("What run has written into.")]
    public string Folder { get; init; } = "";
}

/// <summary>Makes the report of a run anew.</summary>
internal sealed class ReportCommand : Command<ReportSettings>
{
    public override int Execute(CommandContext context, ReportSettings settings, CancellationToken cancellationToken)
    {
        var files = ReportWriter.Write(settings.Folder);
        Console.WriteLine($"Written: {string.Join(", ", files.Select(file => Path.Combine(settings.Folder, file)))}");
        return 0;
    }
}
