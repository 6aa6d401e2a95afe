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
            TestContext.Current.TestOutputHelper!.WriteLine($"the system is up after {clock.Elapsed.TotalSeconds:F1} s");
        }

        return _system;
    }

    public async ValueTask DisposeAsync()
    {
        if (_system is not null)
        {
            await _system.DisposeAsync();
        }
    }
}
