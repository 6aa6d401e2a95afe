namespace Polling.AppHost.Startup;

/// <summary>How long what is published has to end before it is killed.</summary>
internal static class Grace
{
    /// <summary>What runs has 20 s to end (ServiceDefaultsExtensions), then the last telemetry is sent; the rest is for a machine that is busy.</summary>
    public static readonly TimeSpan Service = TimeSpan.FromSeconds(45);

    /// <summary>Redis writes its append-only file, PostgreSQL a checkpoint.</summary>
    public static readonly TimeSpan Server = TimeSpan.FromSeconds(120);
}
