using System.Diagnostics;
using Polling.Core.Telemetry;

namespace Polling.Core.Queue.Scripts;

/// <summary>
/// Client spans of scripts: the Redis instrumentation of OpenTelemetry is not on every feed. A script gets a span only within a
/// sampled trace: idle loops make none.
/// </summary>
internal static class ScriptSpans
{
    /// <summary>The span of a script that the current activity waits for, or null.</summary>
    public static Activity? Start(string verb)
    {
        if (Activity.Current is not { IsAllDataRequested: true })
        {
            return null;
        }

        var span = PollingTelemetry.Source.StartActivity($"redis {verb}", ActivityKind.Client);
        if (span is { IsAllDataRequested: true })
        {
            span.SetTag("db.system.name", "redis");
            span.SetTag("db.operation.name", "EVALSHA");
            span.SetTag("db.stored_procedure.name", verb);
        }

        return span;
    }
}
