using System.ComponentModel;
using Polling.Benchmarks.Api;
using Spectre.Console.Cli;

namespace Polling.Benchmarks.InitConfig;

internal sealed class InitConfigSettings : ApiSettings
{
    [CommandOption("--dry-run"), Description("Only tells what would change.")]
    public bool DryRun { get; init; }

    [CommandOption("--force"), Description("Also saves a configuration that an account's quota does not suffice for: its cards will be late.")]
    public bool Force { get; init; }

    [CommandOption("--json"), Description("One object a line: kind, name, change.")]
    public bool Json { get; init; }
}
