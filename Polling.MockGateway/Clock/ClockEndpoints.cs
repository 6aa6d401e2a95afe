using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Polling.MockGateway.Clock;

/// <summary><c>/control/clock</c>: a test moves the gateway's time forward.</summary>
internal static class ClockEndpoints
{
    public static void MapClock(this IEndpointRouteBuilder app)
    {
        app.MapGet("/control/clock", (GatewayClock clock) => Show(clock));
        app.MapPut("/control/clock", MoveAsync);
    }

    /// <summary>Lets the gateway go by a clock that can be moved, over the registered time (else the system's).</summary>
    public static void AddGatewayClock(this IServiceCollection services)
    {
        var real = services.LastOrDefault(service => service.ServiceType == typeof(TimeProvider))?.ImplementationInstance as TimeProvider;
        var clock = new GatewayClock(real ?? TimeProvider.System);
        services.AddSingleton(clock).AddSingleton<TimeProvider>(clock);
    }

    private static async Task<IResult> MoveAsync(HttpContext context, GatewayClock clock)
    {
        ClockMove? move;
        try
        {
            move = await JsonSerializer.DeserializeAsync(context.Request.Body, ClockJson.Default.ClockMove, context.RequestAborted);
        }
        catch (JsonException)
        {
            move = null;
        }

        return move?.OffsetSeconds is not { } offset
            ? Problems.Field("offset_seconds", "is missing or no whole number; send {\"offset_seconds\": 7200}")
            : offset > GatewayClock.OffsetSecondsMax || !clock.TryMove(offset)
                ? Problems.Field(
                    "offset_seconds", $"is {offset}; it must be from {clock.OffsetSeconds}, the present offset, to {GatewayClock.OffsetSecondsMax}")
                : Show(clock);
    }

    private static JsonHttpResult<ClockView> Show(GatewayClock clock) =>
        TypedResults.Json(new ClockView(clock.OffsetSeconds, clock.GetUtcNow()), ClockJson.Default.ClockView);
}

/// <param name="OffsetSeconds">What to add to the real time.</param>
internal sealed record ClockMove(long? OffsetSeconds);

/// <param name="OffsetSeconds">What is added to the real time.</param>
/// <param name="Now">The gateway's time, UTC.</param>
internal sealed record ClockView(long OffsetSeconds, DateTimeOffset Now);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(ClockMove))]
[JsonSerializable(typeof(ClockView))]
internal sealed partial class ClockJson : JsonSerializerContext;
