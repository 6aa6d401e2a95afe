using System.Diagnostics;
using Polling.Faults.Tests.Harness;

namespace Polling.Faults.Tests.Rollout;

/// <summary>
/// Every process is stopped (SIGTERM) and started anew, one after the other, under load: none leaves anything behind, no card is lost, no effect doubled,
/// and cards are asked in time.
/// </summary>
public class RollingRestartTests(SharedSystem shared, ITestOutputHelper output)
{
    // What container hosts give when they are told nothing. A call takes 2 s at most here.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LatenessMax = TimeSpan.FromSeconds(5);

    // A health check every few seconds is told the truth.
    private static readonly TimeSpan Told = TimeSpan.FromMilliseconds(500);

    // A process that says it is healthy has begun to work.
    private static readonly TimeSpan Working = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task Two_rounds_lose_nothing() => await RollAsync(await shared.TakeAsync(), rounds: 2, sideBySide: true);

    [Fact, Trait("Category", "Long")]
    public async Task Five_rounds_lose_nothing() => await RollAsync(await shared.TakeAsync(), rounds: 5, sideBySide: false);

    [Fact]
    public async Task Without_PostgreSQL_a_process_ends_all_the_same_and_hands_back_what_it_holds()
    {
        var system = await shared.TakeAsync();
        await using var run = await FaultRun.BeginAsync(system);
        var (executor, scheduler) = (system.Executors[0], system.Schedulers[0]);
        await system.Postgres.KillAsync();
        try
        {
            // Its calls are answered and wait for PostgreSQL.
            output.WriteLine($"{await run.StrikeAsync()} cards are held");
            var codes = await Task.WhenAll(executor.TerminateAsync(Grace), scheduler.TerminateAsync(Grace));
            Assert.Equal([0, 0], codes);
            await AssertLeftNothingAsync(system, executor);

            // One that is told to stop before it was up has not failed.
            var said = (await executor.OutputAsync()).Length;
            executor.Begin();
            await Condition.HoldsAsync(
                async () => (await executor.OutputAsync())[said..].Contains("Waiting for the database", StringComparison.Ordinal), Condition.Patience, "it does not wait");
            Assert.Equal(0, await executor.TerminateAsync(Grace));
        }
        finally
        {
            await system.Postgres.RestartAsync(TestContext.Current.CancellationToken);
        }

        await run.EndAsync(from: TimeProvider.System.GetUtcNow());
    }

    // Deployments of several kinds of process are rolled out side by side, each process of a kind in its turn.
    private async Task RollAsync(FaultSystem system, int rounds, bool sideBySide)
    {
        await using var api = system.Api;
        await system.StartAsync(api);
        await using var load = await LighterLoad.BeginAsync(system);
        await using var run = await FaultRun.BeginAsync(system);
        var lateness = await Lateness.BeginAsync(system);
        await run.StrikeAsync();
        for (var round = 1; round <= rounds; round++)
        {
            var clock = Stopwatch.StartNew();
            foreach (var turn in Turns(system).Chunk(sideBySide ? 2 : 1))
            {
                await run.TryStrikeAsync();
                await Task.WhenAll(turn.Select(process => ReplaceAsync(system, process)));
            }

            output.WriteLine($"round {round} took {clock.Elapsed.TotalSeconds:F1} s");
        }

        await run.EndAsync();
        await lateness.AssertP99Async(LatenessMax);
    }

    // A scheduler and an executor at a time, when it is two.
    private static IEnumerable<ServiceProcess> Turns(FaultSystem system) =>
        system.Executors.Zip([.. system.Schedulers, system.Api], (executor, other) => new[] { other, executor }).SelectMany(pair => pair);

    // Stops it, sees that it left nothing, and starts it anew.
    private async Task ReplaceAsync(FaultSystem system, ServiceProcess process)
    {
        var upload = process == system.Api ? await SlowUpload.BeginAsync(system.Http, process) : null;
        var clock = Stopwatch.StartNew();
        var ending = process.TerminateAsync(Grace);
        var health = HealthAsync(system, process, ending);
        await (upload?.EndAsync() ?? Task.CompletedTask);
        Assert.True(await ending == 0, $"{process.Name} ended with code {await ending}: {await process.OutputAsync()}");
        var took = clock.Elapsed;
        Assert.True(await health < Told, $"{process.Name} said it was healthy until {(await health).TotalSeconds:F1} s after it had been told to stop");
        await AssertLeftNothingAsync(system, process);
        Assert.Empty(await system.Effects.SingletonsOfAsync(process.Id));
        await system.StartAsync(process);
        if (system.Executors.Contains(process))
        {
            await Condition.HoldsAsync(() => HoldsAnyAsync(system, process), Working, $"{process.Name} says it is healthy, and claims nothing");
        }

        output.WriteLine($"{process.Name} ended after {took.TotalSeconds:F1} s, and its successor was up after {clock.Elapsed.TotalSeconds:F1} s");
    }

    private static async Task AssertLeftNothingAsync(FaultSystem system, ServiceProcess process)
    {
        foreach (var type in Fleet.Tasks)
        {
            var places = await system.PlacesAsync(type);
            Assert.Null(places.LeftBy(process.Id));
            Assert.Equal(0, places.LonePermits);
        }
    }

    private static async Task<bool> HoldsAnyAsync(FaultSystem system, ServiceProcess process)
    {
        foreach (var type in Fleet.Tasks)
        {
            if ((await system.PlacesAsync(type)).LeftBy(process.Id) is not null)
            {
                return true;
            }
        }

        return false;
    }

    // How long after its SIGTERM it was last asked and said that it was healthy.
    private static async Task<TimeSpan> HealthAsync(FaultSystem system, ServiceProcess process, Task ending)
    {
        var (clock, last) = (Stopwatch.StartNew(), TimeSpan.Zero);
        while (!ending.IsCompleted)
        {
            var asked = clock.Elapsed;
            if (await process.IsHealthyAsync(system.Http, TestContext.Current.CancellationToken))
            {
                last = asked;
            }

            await Task.WhenAny(ending, Task.Delay(TimeSpan.FromMilliseconds(50), TestContext.Current.CancellationToken));
        }

        return last;
    }
}
