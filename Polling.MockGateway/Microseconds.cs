namespace Polling.MockGateway;

/// <summary>The clock of the ledger: whole microseconds since 1970-01-01 UTC.</summary>
internal sealed class Microseconds(TimeProvider time)
{
    public const long PerSecond = 1_000_000;

    public long Now => Of(time.GetUtcNow());

    public static long Of(DateTimeOffset time) => (time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    public static DateTimeOffset ToTime(long microseconds) => DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);
}
