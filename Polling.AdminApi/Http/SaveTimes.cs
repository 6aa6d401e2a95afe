namespace Polling.AdminApi.Http;

internal static class SaveTimes
{
    /// <summary>Now, in microseconds as PostgreSQL keeps it: so an answer to a change is what a later reading shows.</summary>
    public static DateTimeOffset SaveTime(this TimeProvider clock)
    {
        var now = clock.GetUtcNow();
        return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
    }
}
