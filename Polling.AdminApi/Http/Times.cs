using System.Globalization;

namespace Polling.AdminApi.Http;

/// <summary>Times as callers give them and as PostgreSQL keeps them.</summary>
internal static class Times
{
    public const string Rule = "an ISO 8601 time with its offset, such as 2026-11-24T08:00:00+08:00 (in a URL + is %2B)";
    private static readonly string[] Formats = ["yyyy-MM-dd'T'HH:mm:sszzz", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz", "yyyy-MM-dd'T'HH:mm:ssZ", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFZ"];

    /// <summary>Now, in microseconds as PostgreSQL keeps it: so an answer to a change is what a later reading shows.</summary>
    public static DateTimeOffset SaveTime(this TimeProvider clock) => InMicroseconds(clock.GetUtcNow());

    /// <summary>Reads a time, in UTC. PostgreSQL keeps no other offset.</summary>
    public static bool TryParse(string text, out DateTimeOffset time)
    {
        var isRight = DateTimeOffset.TryParseExact(text, Formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);
        time = InMicroseconds(time.ToUniversalTime());
        return isRight;
    }

    private static DateTimeOffset InMicroseconds(DateTimeOffset time) => time.AddTicks(-(time.Ticks % TimeSpan.TicksPerMicrosecond));
}
