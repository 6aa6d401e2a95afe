using System.ComponentModel;
using Polling.Benchmarks.Api;
using Spectre.Console.Cli;

namespace Polling.Benchmarks.Monitor;

internal sealed class MonitorSettings : ApiSettings
{
    [CommandOption("--for <SECONDS>"), Description("Ends after so many seconds, 1 to 1M; else Ctrl-C ends it.")]
    public string? For { get; init; }

    [CommandOption("--json"), Description("One object a line, each second.")]
    public bool Json { get; init; }
}
