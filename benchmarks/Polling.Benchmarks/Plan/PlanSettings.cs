using System.ComponentModel;
using Polling.Benchmarks.Api;
using Polling.Benchmarks.Words;
using Spectre.Console.Cli;

namespace Polling.Benchmarks.Plan;

internal sealed class PlanSettings : ApiSettings
{
    [CommandOption("--account <ID>"), Description("Only this account, with each of its tasks.")]
    public string? Account { get; init; }

    [CommandOption("--cards <COUNT>"), Description("What if: so many cards, 1 to 1000M. Needs --calls-per-second.")]
    public string? Cards { get; init; }

    [CommandOption("--calls-per-second <COUNT>"), Description("What if: the carrier grants so many calls a second, 1 to 1M.")]
    public string? CallsPerSecond { get; init; }

    [CommandOption("--cards-per-call <COUNT>"), Description("What if: a call names so many cards, 1 to 500; else 1.")]
    public string? CardsPerCall { get; init; }

    [CommandOption("--interval-seconds <SECONDS>"), Description("What if: each card is asked once in so many seconds, 1 to 2592000.")]
    public string? IntervalSeconds { get; init; }

    [CommandOption("--json"), Description("The planner's answer as it is.")]
    public bool Json { get; init; }

    /// <summary>Whether a quota is asked about that is not there yet.</summary>
    public bool IsWhatIf => (Cards ?? CallsPerSecond ?? CardsPerCall ?? IntervalSeconds) is not null;

    /// <summary>What to ask for, below <c>/api/admin/</c>.</summary>
    /// <exception cref="WordException">An option is wrong, or one lacks.</exception>
    public string Path()
    {
        if (!IsWhatIf)
        {
            return OptionText.NumberOrNull("--account", Account, 1, 4095) is { } account ? $"polling-planner?account_id={account}" : "polling-planner";
        }

        if (Account is not null)
        {
            throw new WordException("--account asks about the system's own quotas, --cards and --calls-per-second about others: leave out one of them.");
        }

        var cards = OptionText.Number("--cards", Cards ?? "", 1, 1_000_000_000);
        var calls = OptionText.Number("--calls-per-second", CallsPerSecond ?? "", 1, 1_000_000);
        var perCall = OptionText.Number("--cards-per-call", CardsPerCall ?? "1", 1, 500);
        var interval = OptionText.NumberOrNull("--interval-seconds", IntervalSeconds, 1, 2_592_000);
        return $"polling-planner/what-if?cards={cards}&calls_per_second={calls}&cards_per_call={perCall}" + (interval is { } seconds ? $"&interval_seconds={seconds}" : "");
    }
}
