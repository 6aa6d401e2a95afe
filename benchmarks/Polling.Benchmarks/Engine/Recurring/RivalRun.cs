using System.Globalization;
using System.Text.Json;

namespace Polling.Benchmarks.Engine.Recurring;

/// <summary>What another scheduler did with its recurring jobs, with some settings.</summary>
/// <param name="Version">Its own.</param>
/// <param name="Settings">For people.</param>
/// <param name="Entities">Recurring jobs that were registered.</param>
/// <param name="JobsPerSecond">Jobs performed in the window.</param>
/// <param name="AskedPerSecond">Jobs that the recurring jobs ask for.</param>
/// <param name="Overdue">Jobs that were overdue at the window's end: it was saturated.</param>
internal sealed record RivalRun(string Version, string Settings, long Entities, double JobsPerSecond, double AskedPerSecond, long Overdue)
{
    public string Note => string.Create(CultureInfo.InvariantCulture,
        $"{Version}, {Settings}; {Entities:N0} recurring jobs ask for {AskedPerSecond:N0}/s, {Overdue:N0} overdue at the end");

    /// <summary>The runs that a program has told of: each a line with a JSON object.</summary>
    public static IReadOnlyList<RivalRun> Read(IEnumerable<string> lines) =>
        [.. lines.Where(line => line.StartsWith('{')).Select(line => JsonSerializer.Deserialize<RivalRun>(line, JsonSerializerOptions.Web)!)];
}
