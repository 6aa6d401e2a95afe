using System.ComponentModel;
using Spectre.Console.Cli;

namespace Polling.Benchmarks.Cards;

internal sealed class CardsSettings : CommandSettings
{
    public const string PostgresDefault = "Host=127.0.0.1;Port=5432;Username=polling;Password=polling;Database=polling";
    public const string RedisDefault = "127.0.0.1:6379";

    [CommandOption("--cards <COUNT>"), Description("1 to 10M."), DefaultValue("1M")]
    public string Cards { get; init; } = "1M";

    [CommandOption("--seed <SEED>"), Description("The same seed makes the same cards."), DefaultValue("1")]
    public string Seed { get; init; } = "1";

    [CommandOption("--accounts <COUNT>"), Description("3 to 4000; else one for 25,000 cards, at most 400.")]
    public string? Accounts { get; init; }

    [CommandOption("--append"), Description("Also into a database that has cards; numbers go on where the last ones ended.")]
    public bool Append { get; init; }

    [CommandOption("--dry-run"), Description("Only shows how the cards would be spread.")]
    public bool DryRun { get; init; }

    [CommandOption("--postgres <CONNECTION>"), Description("Connection string of the system's database; else the development system's: " + PostgresDefault + ".")]
    public string? Postgres { get; init; }

    [CommandOption("--redis <ADDRESS>"), Description("Redis where schedulers are told to load the cards at once, or none: then their audit finds the cards. " + RedisDefault + ", or none when --postgres is given.")]
    public string? Redis { get; init; }

    [CommandOption("--json"), Description("One object: what was done.")]
    public bool Json { get; init; }
}
