using Polling.Core.Configuration;
using Polling.Core.Queue;
using Polling.Faults.Tests.Harness;
using Polling.TestServers;

namespace Polling.Faults.Tests.HighAvailability;

/// <summary>
/// A master, its replica and three Sentinels: the master is killed -9 under load and the replica takes over. Replication is asynchronous, so writes that the
/// master acknowledged are gone; here the replica is cut off before, so that they are many.
/// </summary>
/// <remarks>
/// It is as if the system had stood still since the last write that the replica has: calls that were claimed later are unknown to it, under another epoch, and
/// their cards are asked again. What PostgreSQL has of them stays.
/// </remarks>
public class SentinelTests(ITestOutputHelper output)
{
    // What the master writes in about a second.
    private const long BytesLost = 300_000;

    [Fact]
    public async Task When_the_master_is_killed_its_replica_goes_on_with_every_card()
    {
        var sentinel = await TestRedisSentinel.StartAsync(TestContext.Current.CancellationToken);
        await using var system = await StartAsync(sentinel);
        await FailOverAsync(system, sentinel);
    }

    /// <summary>It believes that it still is the master, and has writes that nobody else has.</summary>
    [Fact, Trait("Category", "Long")]
    public async Task The_old_master_comes_back_and_follows_the_new_one()
    {
        var cancel = TestContext.Current.CancellationToken;
        var sentinel = await TestRedisSentinel.StartAsync(cancel);
        await using var system = await StartAsync(sentinel);
        await FailOverAsync(system, sentinel);
        await using var run = await FaultRun.BeginAsync(system);
        output.WriteLine($"{await run.StrikeAsync()} cards were held as the old master came back");
        await sentinel.Master.RestartAsync(empty: false, cancel);
        await sentinel.RejoinedAsync(cancel);
        await run.EndAsync(from: TimeProvider.System.GetUtcNow());
    }

    private async Task FailOverAsync(FaultSystem system, TestRedisSentinel sentinel)
    {
        var cancel = TestContext.Current.CancellationToken;
        await using var run = await FaultRun.BeginAsync(system);
        var epoch = await EpochAsync(system);
        var held = await run.StrikeAsync();
        output.WriteLine($"{held} cards were held, and then {await sentinel.FallBehindAsync(BytesLost, cancel)} bytes of writes written that the replica does not have");
        await run.StrikeAsync();
        await sentinel.Master.KillAsync();
        await sentinel.FailedOverAsync(cancel);
        await run.EndAsync(from: TimeProvider.System.GetUtcNow());
        Assert.True(await EpochAsync(system) > epoch);
    }

    private static Task<FaultSystem> StartAsync(TestRedisSentinel sentinel) => FaultSystem.StartAsync(
        new Store(sentinel.ConnectionString, sentinel.ConnectionString, KeyLayout.Contract, sentinel), TestContext.Current.CancellationToken);

    private static async Task<long> EpochAsync(FaultSystem system) =>
        (long)await system.Database.HashGetAsync(system.Keys.Epoch(TaskType.Realname), "epoch");
}
