using Polling.Faults.Tests.Harness;

namespace Polling.Faults.Tests.Redis;

/// <summary>kill -9 and restart of Redis, with its data (AOF everysec).</summary>
public class RedisKillTests(SharedSystem shared, ITestOutputHelper output)
{
    /// <summary>And its epoch is a newer one, though PostgreSQL has forgotten which it gave, as a replica may that took over.</summary>
    [Fact]
    public async Task A_killed_Redis_comes_back_with_every_card()
    {
        var system = await shared.TakeAsync();
        await system.Effects.ExecuteAsync("SELECT setval('polling_epoch_seq', 1)");
        await KillAsync(system, TimeSpan.Zero);
    }

    [Fact, Trait("Category", "Long")]
    public async Task Redis_is_killed_again_and_again()
    {
        var (system, random) = (await shared.TakeAsync(), Seed.Take(output));
        for (var round = 0; round < Seed.Rounds; round++)
        {
            await Task.Delay(random.Upto(TimeSpan.FromSeconds(1)), TestContext.Current.CancellationToken);
            await KillAsync(system, random.Next(2) == 0 ? TimeSpan.Zero : random.Upto(TimeSpan.FromSeconds(5)));
        }
    }

    private async Task KillAsync(FaultSystem system, TimeSpan away)
    {
        await using var run = await FaultRun.BeginAsync(system);
        output.WriteLine($"{await run.StrikeAsync()} cards were held; Redis is away for {away.TotalSeconds:F1} s");
        await system.Redis.KillAsync();
        await Task.Delay(away, TestContext.Current.CancellationToken);
        await system.Redis.RestartAsync(empty: false, TestContext.Current.CancellationToken);
        await run.EndAsync(from: TimeProvider.System.GetUtcNow());
    }
}
