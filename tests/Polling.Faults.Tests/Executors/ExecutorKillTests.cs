using Polling.Faults.Tests.Harness;

namespace Polling.Faults.Tests.Executors;

/// <summary>kill -9 of executors: others poll what they held, their permits end.</summary>
public class ExecutorKillTests(SharedSystem shared, ITestOutputHelper output)
{
    [Fact]
    public async Task Killed_executors_lose_no_card() => await KillAsync(await shared.TakeAsync(), Seed.Take(output), killed: 2);

    [Fact, Trait("Category", "Long")]
    public async Task Executors_are_killed_again_and_again()
    {
        var (system, random) = (await shared.TakeAsync(), Seed.Take(output));
        for (var round = 0; round < Seed.Rounds; round++)
        {
            await KillAsync(system, random, killed: random.Next(1, system.Executors.Count + 1));
        }
    }

    // One after the other at random moments; when none is left, the first comes back.
    private async Task KillAsync(FaultSystem system, Random random, int killed)
    {
        await using var run = await FaultRun.BeginAsync(system);
        var victims = random.GetItems(system.Executors.ToArray(), killed).Distinct().ToArray();
        foreach (var victim in victims)
        {
            await Task.Delay(random.Upto(TimeSpan.FromSeconds(1)), TestContext.Current.CancellationToken);
            var held = await run.StrikeAsync();
            await victim.KillAsync();
            output.WriteLine($"{victim.Name} was killed, {held} cards were held");
        }

        DateTimeOffset? somebodyIsLeftAt = null;
        if (system.Executors.All(executor => !executor.IsRunning))
        {
            await system.StartAsync(victims[0]);
            somebodyIsLeftAt = TimeProvider.System.GetUtcNow();
        }

        await run.EndAsync(from: somebodyIsLeftAt);
    }
}
