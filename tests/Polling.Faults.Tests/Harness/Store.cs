using Polling.Core.Queue;

namespace Polling.Faults.Tests.Harness;

/// <summary>The Redis that a system runs on.</summary>
/// <param name="ForProcesses">Connection string of the system's processes, as in operation.</param>
/// <param name="ForTests">That of the tests.</param>
/// <param name="Layout">Its key names.</param>
/// <param name="Owned">What ends with the system.</param>
internal sealed record Store(string ForProcesses, string ForTests, KeyLayout Layout, params IReadOnlyList<IAsyncDisposable> Owned) : IAsyncDisposable
{
    /// <summary>The setting that names the layout.</summary>
    public string LayoutSetting => Layout == KeyLayout.Cluster ? "Cluster" : "Single";

    public async ValueTask DisposeAsync()
    {
        foreach (var owned in Owned)
        {
            await owned.DisposeAsync();
        }
    }
}
