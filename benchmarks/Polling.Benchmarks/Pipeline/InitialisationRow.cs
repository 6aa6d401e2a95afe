using System.Globalization;
using Polling.Benchmarks.Cards;
using Polling.Benchmarks.Figures;
using Polling.Benchmarks.Pipeline.BareLoad;
using Polling.Benchmarks.Processes;
using Polling.TestServers;

namespace Polling.Benchmarks.Pipeline;

/// <summary>
/// The progressive initialisation without pauses, by one scheduler, durable as in production, beside <c>redis-cli --pipe</c> of bare commands
/// with the same effect: what it costs to read the cards, to decide about each, and to be resumable.
/// </summary>
internal sealed class InitialisationRow(FigureReport report, int cards = InitialisationRow.Million)
{
    private const int Million = 1_000_000;
    private const int Seed = 1;
    private const int BatchCards = 100_000;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    public async Task MeasureAsync()
    {
        // Found missing now rather than after minutes.
        _ = RedisPipe.Program;
        await using var system = await BenchmarkSystem.StartAsync(durable: true);
        var spread = CardSpread.Of(cards, LoadFleet.AccountsOf(cards));
        await new CardWriter(system.Postgres, spread).WriteAsync(new CardGenerator(spread, Seed, 1).Generate(), _ => { }, CancellationToken.None);
        // What is left of the COPY is not the initialisation's work.
        await system.ExecuteAsync("VACUUM ANALYZE tb_card");
        await system.ExecuteAsync("CHECKPOINT");
        var (took, costs) = await InitialiseAsync(system);
        var folder = TestFolders.Create("commands");
        try
        {
            await CompareAsync(system, took, costs, folder);
        }
        finally
        {
            TestFolders.Remove(folder);
        }
    }

    private static async Task<(TimeSpan Took, string Costs)> InitialiseAsync(BenchmarkSystem system)
    {
        var (redis, postgres) = (Cpu(system.RedisServer.Pid), Cpu(system.PostgresPid));
        system.StartScheduler("scheduler",
            new KeyValuePair<string, string?>("Polling__Initialisation__BatchPauseMs", "0"),
            new KeyValuePair<string, string?>("Polling__Initialisation__BatchSize", BatchCards.ToString(CultureInfo.InvariantCulture)));
        await system.UntilInitialisedAsync(Patience);
        var scheduler = system.Processes.Running[0].Process.Id;
        var costs = string.Create(CultureInfo.InvariantCulture,
            $"processor time: Redis {Cpu(system.RedisServer.Pid) - redis:F1} s, PostgreSQL {Cpu(system.PostgresPid) - postgres:F1} s, the scheduler {Cpu(scheduler):F1} s");
        // Nothing may move while it is read back.
        await system.Processes.KillAsync(scheduler);
        var times = await system.Redis.HashGetAsync("polling:init:progress", ["started_at", "finished_at"]);
        return (DateTimeOffset.Parse((string)times[1]!, CultureInfo.InvariantCulture) - DateTimeOffset.Parse((string)times[0]!, CultureInfo.InvariantCulture), costs);
    }

    private static double Cpu(int processId) => ProcessMeter.CpuSeconds(processId, withChildren: true);

    private async Task CompareAsync(BenchmarkSystem system, TimeSpan took, string costs, string folder)
    {
        var (single, grouped) = (new RespFile(Path.Combine(folder, "single")), new RespFile(Path.Combine(folder, "grouped")));
        PlacesDump dump;
        using (single)
        using (grouped)
        {
            dump = await PlacesDump.WriteAsync(system.Redis.Multiplexer, single, grouped);
        }

        if (dump.Cards != cards)
        {
            throw new InvalidOperationException($"The initialisation is done, and Redis knows {dump.Cards} of {cards} cards.");
        }

        var alone = await PipeAsync(system, single);
        var together = await PipeAsync(system, grouped);
        report.Add(new Figure("initialisation of 1 M cards, no pauses / redis-cli --pipe", took / alone, "x", 2, AtMost: true, Note: string.Create(
            CultureInfo.InvariantCulture,
            $"initialisation {took.TotalSeconds:F1} s; {single.Commands:N0} bare commands {alone.TotalSeconds:F1} s, an HSET for each card and a ZADD for each of {dump.Places:N0} places, in the order of the cards; AOF everysec")));
        report.Add(new Figure("  / the same in commands of a whole bucket or 500 places by due time", took / together, "x", Note: string.Create(
            CultureInfo.InvariantCulture, $"{grouped.Commands:N0} commands {together.TotalSeconds:F1} s")));
        report.Add(new Figure("  cards initialised", cards / took.TotalSeconds, "cards/s", Note: "one scheduler, batches of 100,000, three tasks; " + costs));
    }

    private static async Task<TimeSpan> PipeAsync(BenchmarkSystem system, RespFile file)
    {
        await system.RedisServer.RestartAsync(empty: true);
        return await RedisPipe.LoadAsync(system.RedisServer.Port, file.Path, file.Commands);
    }
}
