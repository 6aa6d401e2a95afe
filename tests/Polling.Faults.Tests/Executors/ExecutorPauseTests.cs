using Polling.Faults.Tests.Harness;

namespace Polling.Faults.Tests.Executors;

/// <summary>SIGSTOP of an executor past its lease, then SIGCONT: it wakes up with calls that are no longer its own, and changes nothing.</summary>
public class ExecutorPauseTests(SharedSystem shared, ITestOutputHelper output)
{
    private static readonly TimeSpan PastLease = FaultSystem.Lease + TimeSpan.FromSeconds(1);

    // Whatever others held has ended by then, as its lease would not yet have.
    private static readonly TimeSpan OthersEnd = FaultSystem.Lease / 2;

    // Others put back what has expired with each claim of theirs.
    private static readonly TimeSpan AfterLease = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task An_executor_that_slept_past_its_lease_changes_nothing() =>
        await PauseAsync(await shared.TakeAsync(), Seed.Take(output), PastLease);

    [Fact, Trait("Category", "Long")]
    public async Task Executors_sleep_again_and_again()
    {
        var (system, random) = (await shared.TakeAsync(), Seed.Take(output));
        for (var round = 0; round < Seed.Rounds; round++)
        {
            await PauseAsync(system, random, random.Upto(PastLease + AfterLease));
        }
    }

    private async Task PauseAsync(FaultSystem system, Random random, TimeSpan length)
    {
        await using var run = await FaultRun.BeginAsync(system);
        var victim = system.Executors[random.Next(system.Executors.Count)];
        var held = await run.StrikeAsync();
        victim.Send(Signals.Stop);
        try
        {
            output.WriteLine($"{victim.Name} sleeps for {length.TotalSeconds:F1} s, {held} cards were held");
            var others = length < OthersEnd ? length : OthersEnd;
            await Task.Delay(others, TestContext.Current.CancellationToken);
            var asleep = await run.StillHeldAsync();
            output.WriteLine($"{asleep} calls sleep with it");
            Assert.True(asleep > 0);
            await Task.Delay(length - others, TestContext.Current.CancellationToken);
            if (length >= PastLease)
            {
                // It wakes up only when nothing is its own any more.
                await Condition.HoldsAsync(async () => await run.StillHeldAsync() == 0, AfterLease, "calls of the sleeping executor are not taken from it");
            }
        }
        finally
        {
            victim.Send(Signals.Continue);
        }

        // Who slept for less than that goes on with what it holds; a lease that it renews and cannot use ends a lease after it woke up.
        await run.EndAsync(from: length >= PastLease ? null : TimeProvider.System.GetUtcNow());
    }
}
