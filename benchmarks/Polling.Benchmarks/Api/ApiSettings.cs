using System.ComponentModel;
using Polling.Benchmarks.Words;
using Spectre.Console.Cli;

namespace Polling.Benchmarks.Api;

/// <summary>Options of words that ask an admin API.</summary>
internal abstract class ApiSettings : CommandSettings
{
    public const string KeyVariable = "POLLING_KEY";
    private const string AddressDefault = "http://localhost:3000";

    [CommandOption("--api <ADDRESS>"), Description("Where the admin API is."), DefaultValue(AddressDefault)]
    public string Address { get; init; } = AddressDefault;

    [CommandOption("--key <KEY>"), Description("An API key; else that of the variable " + KeyVariable + ". Development needs none.")]
    public string? Key { get; init; }

    /// <summary>The API that they name.</summary>
    public PollingApi Connect() => new(OptionText.Address("--api", Address), Key ?? Environment.GetEnvironmentVariable(KeyVariable));
}
