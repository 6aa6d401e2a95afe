using System.Diagnostics;

[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]
[assembly: AssemblyFixture(typeof(Polling.Faults.Tests.Harness.SharedSystem))]

namespace Polling.Faults.Tests.Harness;

/// <summary>One system for all faults that leave it healthy, booted when the first of them asks for it.</summary>
public sealed class SharedSystem : IAsyncDisposable
{
    private FaultSystem? _system;

    internal async Task<FaultSystem> TakeAsync()
    {
        if (_system is null)
        {
            var clock = Stopwatch.StartNew();
            _system = await FaultSystem.StartAsync(TestContext.Current.CancellationToken);
            await WarmUpAsync(_system);
            TestContext.Current.TestOutputHelper!.WriteLine($"the system is up after {clock.Elapsed.TotalSeconds:F1} s");
        }

        return _system;
    }

    // Processes that have just begun compile what they run: on a small machine, that leaves little to the rest.
    private static async Task WarmUpAsync(FaultSystem system)
    {
        var cards = Enumerable.Range(1, Fleet.Cards).Select(id => (long)id).Where(id => Fleet.AccountOf(id).HasCallsToSpare).ToArray();
        foreach (var type in Fleet.Tasks)
        {
            await Condition.HoldsAsync(
                async () => (await system.Effects.UncheckedSinceAsync(type, cards, default)).Count == 0,
                Condition.Patience,
                $"cards were never checked for {type}",
                TimeSpan.FromSeconds(1));
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_system is not null)
        {
            await _system.DisposeAsync();
        }
    }
}
