using System.Globalization;

namespace Polling.MockGateway.PassThrough;

/// <summary>Its services, and <c>/control/passed-calls</c>: what went to upstreams and what they said.</summary>
internal static class PassThroughSetup
{
    private const int LimitDefault = 100;
    private const int LimitMax = 1_000;

    public static void AddPassThrough(this IServiceCollection services) =>
        services.AddHttpForwarder().AddSingleton<PassedCalls>().AddSingleton<UpstreamClient>().AddSingleton<UpstreamCalls>()
            .AddLogging(logging => logging.AddFilter(UpstreamClient.NoisyCategory, LogLevel.None));

    public static void MapPassedCalls(this IEndpointRouteBuilder app)
    {
        app.MapGet("/control/passed-calls", Read);
        app.MapDelete("/control/passed-calls", (PassedCalls calls) =>
        {
            calls.Reset();
            return TypedResults.NoContent();
        });
    }

    private static IResult Read(PassedCalls calls, string? account, string? since_sequence, string? limit) =>
        !TryWhole(since_sequence, 0, 0, long.MaxValue, out var since)
            ? Problems.Field("since_sequence", $"is '{since_sequence}'; it must be a whole number, 0 or more")
        : !TryWhole(limit, LimitDefault, 1, LimitMax, out var count)
            ? Problems.Field("limit", $"is '{limit}'; it must be a whole number from 1 to {LimitMax}")
        : TypedResults.Json(calls.Read(account, since, (int)count), PassedJson.Readable.PassedPage);

    private static bool TryWhole(string? text, long unset, long min, long max, out long value)
    {
        value = unset;
        return text is null
            || (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= min && value <= max);
    }
}
