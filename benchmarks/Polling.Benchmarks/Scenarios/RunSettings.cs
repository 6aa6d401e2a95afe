using System.ComponentModel;
using Spectre.Console.Cli;

namespace Polling.Benchmarks.Scenarios;

internal sealed class RunSettings : CommandSettings
{
    [CommandArgument(0, "<SCENARIO.json>"), Description("What to run; benchmarks/scenarios has some.")]
    public string File { get; init; } = "";

    [CommandOption("--output <FOLDER>"), Description("Where samples and report go; else results/NAME-DATE-TIME. It must be empty.")]
    public string? Output { get; init; }

    [CommandOption("--check"), Description("Ends with 1 where a target is missed.")]
    public bool Check { get; init; }

    [CommandOption("--dry-run"), Description("Only reads the scenario and tells what it says.")]
    public bool DryRun { get; init; }

    [CommandOption("--json"), Description("The figures as one object a line: figure, value, unit, target, met, note.")]
    public bool Json { get; init; }
}
