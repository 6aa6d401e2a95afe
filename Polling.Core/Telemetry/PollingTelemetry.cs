using System.Diagnostics;

namespace Polling.Core.Telemetry;

/// <summary>The one source of spans and the one meter of the polling system. Tables of both: <c>docs/telemetry.md</c>.</summary>
public static class PollingTelemetry
{
    /// <summary>Name of the activity source and of the meter.</summary>
    public const string Name = "Polling";

    /// <summary>Spans of promotion, claims, calls, writes and Redis scripts.</summary>
    public static readonly ActivitySource Source = new(Name);
}
