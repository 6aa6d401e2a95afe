using Polling.Core.Configuration;
using Polling.Faults.Tests.Harness;

namespace Polling.Faults.Tests.Redis;

/// <summary>Redis comes back empty: everything is rebuilt from PostgreSQL, under a new epoch.</summary>
public class RedisLossTests(SharedSystem shared, ITestOutputHelper output)
{
    [Fact]
    public async Task An_empty_Redis_is_filled_again() => await LoseAsync(await shared.TakeAsync());

    [Fact, Trait("Category", "Long")]
    public async Task Redis_is_lost_again_and_again()
    {
        var (system, random) = (await shared.TakeAsync(), Seed.Take(output));
        for (var round = 0; round < Seed.Rounds; round++)
        {
            await Task.Delay(random.Upto(TimeSpan.FromSeconds(1)), TestContext.Current.CancellationToken);
            await LoseAsync(system);
        }
    }

    private async Task LoseAsync(FaultSystem system)
    {
        await using var run = await FaultRun.BeginAsync(system, cardsMayBeMissing: true);
        var epoch = await EpochAsync(system);
        output.WriteLine($"{await run.StrikeAsync()} cards were held");
        await system.Redis.RestartAsync(empty: true, TestContext.Current.CancellationToken);
        await run.EndAsync();
        Assert.True(await EpochAsync(system) > epoch);
    }

    private static async Task<long> EpochAsync(FaultSystem system) =>
        (long)await system.Database.HashGetAsync(system.Keys.Epoch(TaskType.Realname), "epoch");
}
