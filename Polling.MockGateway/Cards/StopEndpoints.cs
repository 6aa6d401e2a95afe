using System.Globalization;

namespace Polling.MockGateway.Cards;

/// <summary><c>/control/stops</c>: who stopped or resumed which card, when, with which key.</summary>
internal static class StopEndpoints
{
    private const int LimitMax = 1_000;

    public static void MapStops(this IEndpointRouteBuilder app) => app.MapGet("/control/stops", Read);

    private static IResult Read(CardStates states, StopLedger ledger, string? card, string? since_sequence, string? limit)
    {
        if (!TryWhole(since_sequence, 0, long.MaxValue, 0, out var since))
        {
            return Problems.Field("since_sequence", $"is '{since_sequence}'; it must be a whole number, 0 or more");
        }

        if (!TryWhole(limit, 1, LimitMax, LimitMax, out var count))
        {
            return Problems.Field("limit", $"is '{limit}'; it must be a whole number from 1 to {LimitMax}");
        }

        states.SettleAll();
        return TypedResults.Json(ledger.Read(since, card, (int)count), StopJson.Default.StopPage);
    }

    private static bool TryWhole(string? text, long min, long max, long unset, out long value)
    {
        value = unset;
        return text is null || (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= min && value <= max);
    }
}
