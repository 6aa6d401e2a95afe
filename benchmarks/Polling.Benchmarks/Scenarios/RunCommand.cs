using System.Globalization;
using System.Text.Json;
using Npgsql;
using Polling.Benchmarks.Figures;
using Polling.Benchmarks.Reports;
using Polling.Benchmarks.Words;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Polling.Benchmarks.Scenarios;

/// <summary>Runs a scenario from a file and reports.</summary>
internal sealed class RunCommand : AsyncCommand<RunSettings>
{
    private const int LineEverySeconds = 10;

    public override async Task<int> ExecuteAsync(CommandContext context, RunSettings settings, CancellationToken cancellationToken)
    {
        var scenario = ScenarioFile.Read(settings.File);
        if (settings.DryRun)
        {
            Console.WriteLine($"{settings.File} is right: {scenario.Name}, {scenario.Fleet.Cards} cards, {scenario.WarmUpSeconds} s of warm-up, {scenario.DurationSeconds} s measured. {scenario.Description}");
            return 0;
        }

        var folder = Folder(settings, scenario);
        var command = $"run {settings.File}" + (settings.Output is null ? "" : $" --output {settings.Output}");
        try
        {
            var result = await WatchAsync(settings, tell => new ScenarioRun(scenario, folder, tell).RunAsync(command, cancellationToken));
            await result.WriteAsync(folder, cancellationToken);
            ReportWriter.Write(folder);
            var report = new FigureReport(Console.Out, settings.Json);
            foreach (var figure in result.Figures)
            {
                report.Add(figure);
            }

            if (!settings.Json)
            {
                Console.WriteLine($"Written: {Path.Combine(folder, ReportWriter.ReportFile)}, with charts; {RunResult.SamplesFile} and {RunResult.ResultFile} beside it.");
            }

            return settings.Check && result.Figures.Any(figure => figure.Met == false) ? WordException.Failed : 0;
        }
        catch (Exception e) when (e is InvalidOperationException or TimeoutException or HttpRequestException or NpgsqlException or JsonException)
        {
            throw new WordException(e.Message, WordException.Failed);
        }
    }

    private static string Folder(RunSettings settings, Scenario scenario)
    {
        var folder = settings.Output ?? Path.Combine("results", $"{scenario.Name}-{DateTime.Now.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture)}");
        if (File.Exists(folder) || (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any()))
        {
            throw new WordException($"--output is '{folder}', which holds something already; it must be a folder that is empty or not there yet.");
        }

        try
        {
            Directory.CreateDirectory(folder);
            return folder;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new WordException($"--output is '{folder}'; it must be a folder that can be made: {e.Message}");
        }
    }

    // A line that changes on a terminal; else one for each step and every ten seconds.
    private static async Task<RunResult> WatchAsync(RunSettings settings, Func<Action<string, bool>, Task<RunResult>> runAsync)
    {
        if (settings.Json)
        {
            return await runAsync((_, _) => { });
        }

        if (TextTable.OnTerminal)
        {
            return await AnsiConsole.Status().StartAsync("starting", status => runAsync((what, _) => status.Status(Markup.Escape(what))));
        }

        var looks = 0;
        return await runAsync((what, isLook) =>
        {
            if (!isLook || looks++ % LineEverySeconds == 0)
            {
                Console.WriteLine(what);
            }
        });
    }
}
