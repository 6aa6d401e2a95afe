using System.Globalization;
using Polling.Benchmarks.Figures;
using static Polling.Benchmarks.Figures.Medians;

namespace Polling.Benchmarks.Engine.Recurring;

/// <summary>
/// A recurring no-op job for each of 100,000 entities, always overdue, on one Redis: our engine beside BullMQ and Hangfire, each with the best of
/// two settings. Ours is measured before, between and after them.
/// </summary>
internal sealed class RecurringRow(FigureReport report)
{
    private const int Entities = 100_000;
    private const double Target = 6;
    private const double Goal = 10;
    private const string Name = "recurring no-op jobs of 100,000 entities / the better rival";
    private const string Folder = "Engine/Recurring/";
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(4);

    // Each asks for more than can be done.
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan IntervalAlone = TimeSpan.FromMilliseconds(1_200);
    private const int BullMqIntervalMs = 5_000;
    private const int RivalWarmUpSeconds = 5;
    private const int RivalWindowSeconds = 10;
    private const int RegistrationSeconds = 60;
    private static readonly TimeSpan FetchPatience = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan RunPatience = TimeSpan.FromSeconds(150);

    // By default it has 5 workers a core, at most 20; parallel schedulers are what its author advises for many recurring jobs.
    private static readonly (int Workers, int Schedulers)[] HangfireSettings = [(20, 8), (200, 32)];
    private readonly List<double> _batched = [];
    private readonly List<double> _alone = [];

    public async Task MeasureAsync(EngineQueue queue, int port)
    {
        await OursAsync(queue);
        var bullMq = await RivalAsync("BullMQ", queue, () => BullMqAsync(port));
        await OursAsync(queue);
        var hangfire = await RivalAsync("Hangfire", queue, () => HangfireAsync(queue, port));
        await OursAsync(queue);
        Report([.. new[] { bullMq, hangfire }.OfType<RivalRun>()]);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private async Task OursAsync(EngineQueue queue)
    {
        await queue.FillAsync(Entities, 100, Interval);
        _batched.Add((await new Cycle(queue).RunAsync(WarmUp, Turn)).CardsPerSecond);
        await queue.FillAsync(Entities, 1, IntervalAlone);
        _alone.Add((await new Cycle(queue).RunAsync(WarmUp, Turn)).CardsPerSecond);
    }

    private async Task<RivalRun?> RivalAsync(string name, EngineQueue queue, Func<Task<IReadOnlyList<RivalRun>>> run)
    {
        await queue.Server.FlushAllDatabasesAsync();
        try
        {
            var runs = await run();
            foreach (var each in runs)
            {
                report.Add(new Figure($"recurring no-op jobs of {name}", each.JobsPerSecond, "jobs/s", Note: each.Note));
            }

            return runs.MaxBy(each => each.JobsPerSecond);
        }
        catch (InvalidOperationException e)
        {
            report.Add(new Figure($"recurring no-op jobs of {name}", null, "jobs/s", Note: e.Message));
            return null;
        }
    }

    private static async Task<IReadOnlyList<RivalRun>> BullMqAsync(int port)
    {
        using var program = new RivalProgram(Folder + "package.json", Folder + "bullmq-recurring.mjs");
        await program.RunAsync(FetchPatience, "npm", "install", "--no-audit", "--no-fund", "--loglevel=error");
        return RivalRun.Read(await program.RunAsync(RunPatience, "node", "bullmq-recurring.mjs",
            Text(port), Text(Entities), Text(BullMqIntervalMs), Text(RivalWarmUpSeconds), Text(RivalWindowSeconds)));
    }

    private static async Task<IReadOnlyList<RivalRun>> HangfireAsync(EngineQueue queue, int port)
    {
        using var program = new RivalProgram(Folder + "hangfire-recurring.cs");
        await program.RunAsync(FetchPatience, "dotnet", "build", "hangfire-recurring.cs", "-c", "Release", "-o", "program", "--disable-build-servers", "-v", "quiet");
        var runs = new List<RivalRun>();
        foreach (var (workers, schedulers) in HangfireSettings)
        {
            // A server of the run before leaves its locks behind.
            await queue.Server.FlushAllDatabasesAsync();
            runs.AddRange(RivalRun.Read(await program.RunAsync(RunPatience, "dotnet", "program/hangfire-recurring.dll",
                Text(port), Text(Entities), Text(RegistrationSeconds), Text(RivalWarmUpSeconds), Text(RivalWindowSeconds), Text(workers), Text(schedulers))));
        }

        return runs;
    }

    private void Report(RivalRun[] rivals)
    {
        var (batched, alone, better) = (Median(_batched), Median(_alone), rivals.MaxBy(each => each.JobsPerSecond));
        var note = string.Create(CultureInfo.InvariantCulture, $"goal {Goal}; this {batched:N0} jobs/s, 100 a call, {Entities / Interval.TotalSeconds:N0}/s due; ")
            + (better is null ? "neither rival could be measured" : rivals.Length == 2 ? better.Version : $"{better.Version} only");
        report.Add(new Figure(Name, batched / better?.JobsPerSecond, "x", Target, Note: note));
        report.Add(new Figure("  the same, one a call", alone / better?.JobsPerSecond, "x", Note: string.Create(CultureInfo.InvariantCulture, $"this {alone:N0} jobs/s, {Entities / IntervalAlone.TotalSeconds:N0}/s due")));
    }
}
