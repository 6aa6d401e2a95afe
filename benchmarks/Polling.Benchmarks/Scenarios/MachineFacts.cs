using System.Globalization;
using System.Runtime.InteropServices;

namespace Polling.Benchmarks.Scenarios;

/// <summary>On what was measured.</summary>
/// <param name="Cores">Processors that programs may use.</param>
/// <param name="Processor">Its model.</param>
/// <param name="MemoryBytes">Memory.</param>
/// <param name="System">Operating system.</param>
/// <param name="Runtime">.NET.</param>
internal sealed record MachineFacts(int Cores, string Processor, long MemoryBytes, string System, string Runtime)
{
    /// <summary>This machine.</summary>
    public static MachineFacts Here() => new(
        Environment.ProcessorCount, Field("/proc/cpuinfo", "model name") ?? $"{RuntimeInformation.ProcessArchitecture}", GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
        RuntimeInformation.OSDescription, RuntimeInformation.FrameworkDescription);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Cores} cores ({Processor}), {MemoryBytes / (double)(1L << 30):0.#} GiB, {System}, {Runtime}");

    private static string? Field(string file, string name) => !File.Exists(file) ? null
        : File.ReadLines(file).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?.Split(':', 2)[^1].Trim();
}
