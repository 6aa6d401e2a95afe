using System.Diagnostics;
using Polling.Faults.Tests.Harness;

namespace Polling.Faults.Tests.Executors;

/// <summary>SIGSTOP of an executor past its lease, then SIGCONT: it wakes up with calls that are no longer its own, and changes nothing.</summary>
public class ExecutorPauseTests(SharedSystem shared, ITestOutputHelper output)
{
    private static readonly TimeSpan PastLease = FaultSystem.Lease + TimeSpan.FromSeconds(1);

    [Fact]
    public async Task An_executor_that_slept_past_its_lease_changes_nothing() =>
        await PauseAsync(await shared.TakeAsync(), Seed.Take(output), PastLease);

    [Fact, Trait("Category", "Long")]
    public async Task Executors_sleep_again_and_again()
    {
        var (system, random) = (await shared.TakeAsync(), Seed.Take(output));
        for (var round = 0; round < Seed.Rounds; round++)
        {
            await PauseAsync(system, random, random.Upto(2 * PastLease));
        }
    }

    private async Task PauseAsync(FaultSystem system, Random random, TimeSpan length)
    {
        await using var run = await FaultRun.BeginAsync(system);
        var victim = system.Executors[random.Next(system.Executors.Count)];
        var held = await run.StrikeAsync();
        victim.Send(Signals.Stop);
        var clock = Stopwatch.StartNew();
        try
        {
            output.WriteLine($"{victim.Name} sleeps for {length.TotalSeconds:F1} s, {held} cards were held");
            await Task.Delay(length, TestContext.Current.CancellationToken);
        }
        finally
        {
            victim.Send(Signals.Continue);
        }

        Assert.True(clock.Elapsed >= length);
        await run.EndAsync();
    }
}
