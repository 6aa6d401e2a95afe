using Polling.Core.Configuration;
using Polling.Core.Queue;
using Polling.Faults.Tests.Harness;
using Polling.TestServers;

namespace Polling.Faults.Tests.HighAvailability;

/// <summary>
/// A master, its replica and three Sentinels: the master is killed -9 under load, the replica takes over, and later the old master, which believes that it
/// still is one, comes back with its data.
/// </summary>
/// <remarks>
/// Replication is asynchronous: what the master acknowledged in its last moments may be gone. It is as if the system had stood still since: leases that were
/// handed out then are unknown, under another epoch, and their cards are asked again.
/// </remarks>
public class SentinelTests(ITestOutputHelper output)
{
    [Fact]
    public async Task When_the_master_is_killed_its_replica_goes_on_with_every_card()
    {
        var cancel = TestContext.Current.CancellationToken;
        var sentinel = await TestRedisSentinel.StartAsync(cancel);
        await using var system = await FaultSystem.StartAsync(new Store(sentinel.ConnectionString, sentinel.ConnectionString, KeyLayout.Contract, sentinel), cancel);
        await using (var run = await FaultRun.BeginAsync(system))
        {
            var epoch = await EpochAsync(system);
            output.WriteLine($"{await run.StrikeAsync()} cards were held");
            await sentinel.Master.KillAsync();
            await sentinel.FailedOverAsync(cancel);
            await run.EndAsync(from: TimeProvider.System.GetUtcNow());
            Assert.True(await EpochAsync(system) > epoch);
        }

        await using (var run = await FaultRun.BeginAsync(system))
        {
            output.WriteLine($"{await run.StrikeAsync()} cards were held as the old master came back");
            await sentinel.Master.RestartAsync(empty: false, cancel);
            await sentinel.RejoinedAsync(cancel);
            await run.EndAsync(from: TimeProvider.System.GetUtcNow());
        }
    }

    private static async Task<long> EpochAsync(FaultSystem system) =>
        (long)await system.Database.HashGetAsync(system.Keys.Epoch(TaskType.Realname), "epoch");
}
