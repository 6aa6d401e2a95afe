using Polling.Faults.Tests.Harness;

namespace Polling.Faults.Tests.Redis;

/// <summary>SCRIPT FLUSH: the scripts are gone from Redis, and nobody notices.</summary>
public class ScriptFlushTests(SharedSystem shared, ITestOutputHelper output)
{
    [Fact]
    public async Task Flushed_scripts_are_loaded_again() => await FlushAsync(await shared.TakeAsync(), Seed.Take(output), flushes: 5);

    [Fact, Trait("Category", "Long")]
    public async Task Scripts_are_flushed_again_and_again() => await FlushAsync(await shared.TakeAsync(), Seed.Take(output), flushes: 100 * Seed.Rounds);

    private static async Task FlushAsync(FaultSystem system, Random random, int flushes)
    {
        await using var run = await FaultRun.BeginAsync(system);
        for (var i = 0; i < flushes; i++)
        {
            await Task.Delay(random.Upto(TimeSpan.FromMilliseconds(300)), TestContext.Current.CancellationToken);
            await system.Connection.GetServers()[0].ScriptFlushAsync();
        }

        await run.StrikeAsync();
        await system.Connection.GetServers()[0].ScriptFlushAsync();
        await run.EndAsync();
    }
}
