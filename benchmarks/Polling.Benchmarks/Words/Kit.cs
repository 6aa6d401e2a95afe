using System.Globalization;
using System.Reflection;
using Polling.AppHost.LocalServers;
using Polling.Benchmarks.Cards;
using Polling.Benchmarks.Engine;
using Polling.Benchmarks.InitConfig;
using Polling.Benchmarks.Monitor;
using Polling.Benchmarks.Operations;
using Polling.Benchmarks.Pipeline;
using Polling.Benchmarks.Plan;
using Polling.Benchmarks.Reports;
using Polling.Benchmarks.Scenarios;
using Spectre.Console.Cli;

namespace Polling.Benchmarks.Words;

/// <summary>The words of the program: what they are called, and what comes of a mistake (one line, exit code 2).</summary>
internal static class Kit
{
    private static readonly Dictionary<string, Type> Settings = [];

    /// <summary>Runs a word.</summary>
    /// <returns>0, or the exit code of a <see cref="WordException"/>.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        using var signals = new StopSignals();
        var app = new CommandApp();
        app.Configure(Configure);
        if (args is [] or ["help"])
        {
            args = ["--help"];
        }

        try
        {
            if (!args[0].StartsWith('-') && !Settings.ContainsKey(args[0]))
            {
                throw new WordException($"There is no word '{args[0]}'. There are: {string.Join(", ", Settings.Keys)}. Ask for --help.");
            }

            return await app.RunAsync(args, signals.Token);
        }
        catch (OperationCanceledException) when (signals.Token.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync($"{args[0]}: stopped.");
            return 128 + 2;
        }
        catch (WordException e)
        {
            await Console.Error.WriteLineAsync($"{args[0]}: {e.Message}");
            return e.ExitCode;
        }
        catch (LocalServerException e)
        {
            await Console.Error.WriteLineAsync($"{args[0]}: {e.Message}");
            return WordException.Failed;
        }
        catch (CommandAppException e)
        {
            await Console.Error.WriteLineAsync($"{args[0]}: {OneLine(e.Message)} {Usage(args[0])}");
            return WordException.WrongInput;
        }
    }

    private static void Configure(IConfigurator config)
    {
        config.SetApplicationName("Polling.Benchmarks");
        config.SetApplicationCulture(CultureInfo.InvariantCulture);
        config.UseStrictParsing();
        config.PropagateExceptions();
        Add<CardsCommand, CardsSettings>(config, "cards", "Fills a system with made-up cards: carriers, accounts, packages and up to 10 M cards, always the same of a seed.",
            ["cards"], ["cards", "--cards", "10M"], ["cards", "--cards", "250k", "--dry-run"]);
        Add<InitConfigCommand, InitConfigSettings>(config, "init-config", "Gives a running system the contract's polling configurations and permits, and the made-up accounts realistic quotas; tells what changed.",
            ["init-config"], ["init-config", "--dry-run"]);
        Add<MonitorCommand, MonitorSettings>(config, "monitor", "Shows a running system live: queues, rates, lateness by cause, permits, accounts, initialisation.",
            ["monitor"], ["monitor", "--json", "--for", "10"]);
        Add<PlanCommand, PlanSettings>(config, "plan", "Do the quotas suffice, account by account? With --cards and --calls-per-second: what would a quota be good for?",
            ["plan"], ["plan", "--cards", "10M", "--calls-per-second", "20", "--cards-per-call", "100"]);
        Add<RunCommand, RunSettings>(config, "run", "Runs a scenario from a file on a system of its own, and writes samples and figures into a folder.",
            ["run", "benchmarks/scenarios/smoke.json"]);
        Add<ReportCommand, ReportSettings>(config, "report", "Makes Markdown with charts of what run has written.",
            ["report", "results/smoke"]);
        Add<EngineCommand, FiguresSettings>(config, "engine",
            $"Measures the queue engine alone: docs/queue.md. Needs redis-server; the rows bullmq and recurring need node and npm, recurring the .NET SDK and its feed, too, the row idle PostgreSQL. About fifteen minutes. Rows: {string.Join(", ", EngineBenchmark.Rows)}.",
            ["engine", "--only", "cycle,aof"]);
        Add<OperationsCommand, FiguresSettings>(config, "operations",
            $"Measures what operators do while the whole system polls a million cards at half of its capacity. About ten minutes. Rows: {string.Join(", ", OperationsBenchmark.Rows)}.",
            ["operations", "--only", "statistics"]);
        Add<PipelineCommand, FiguresSettings>(config, "pipeline",
            $"Measures the whole path of a check beside its parts alone: docs/performance.md. Needs redis-server and PostgreSQL; the row initialisation needs redis-cli. About ten minutes. Rows: {string.Join(", ", PipelineBenchmark.Rows)}.",
            ["pipeline", "--only", "http"]);
    }

    private static void Add<TCommand, TSettings>(IConfigurator config, string name, string description, params string[][] examples)
        where TCommand : class, ICommandLimiter<TSettings>
        where TSettings : CommandSettings
    {
        Settings[name] = typeof(TSettings);
        var word = config.AddCommand<TCommand>(name).WithDescription(description);
        foreach (var example in examples)
        {
            word.WithExample(example);
        }
    }

    // Spectre's messages end with a picture of the command line.
    private static string OneLine(string message) => message.Split('\n')[0].Trim();

    private static string Usage(string word) => Settings.TryGetValue(word, out var settings)
        ? $"Its options are {string.Join(", ", settings.GetProperties().Select(p => p.GetCustomAttribute<CommandOptionAttribute>()).OfType<CommandOptionAttribute>().Select(o => "--" + o.LongNames[0]).Order())}. Ask for {word} --help."
        : "Ask for --help.";
}
