using System.Globalization;

namespace Polling.Executor;

/// <summary>The name of this process' life: a process that starts again is another executor.</summary>
internal sealed class ExecutorIdentity
{
    /// <summary>"&lt;host&gt;:&lt;process id&gt;:&lt;start&gt;".</summary>
    public string Name { get; } = string.Create(
        CultureInfo.InvariantCulture,
        $"{Environment.MachineName}:{Environment.ProcessId}:{Guid.NewGuid().ToString("N")[..8]}");
}
