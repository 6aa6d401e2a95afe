using System.Text.Json.Serialization;
using Polling.MockGateway.Cards;
using Polling.MockGateway.Quotas;
using Polling.MockGateway.Usage;

namespace Polling.MockGateway.Truth;

/// <summary><c>/control/truth</c>: what the cards of an account really used, and what was told of it.</summary>
internal static class TruthEndpoints
{
    public static void MapTruth(this IEndpointRouteBuilder app) => app.MapGet("/control/truth", Read);

    private static IResult Read(string? account, ToldFigures told, UsageProfiles usage, CardStates states)
    {
        if (string.IsNullOrEmpty(account))
        {
            return Problems.Field("account", $"is missing; it must be an account code, {CarrierAccounts.CodeRule}");
        }

        return TypedResults.Json(
            new TruthPage(account, usage.Now.ToUniversalTime(), [.. told.Of(account).Select(card => Of(card.Card, card.Cycles))]), TruthJson.Default.TruthPage);

        TrueCard Of(CardId card, IReadOnlyList<(DateOnly Cycle, long HighestBytes)> cycles)
        {
            var (state, stoppedBy) = states.Of(card);
            return new(
                card.ToString(), CardStateNames.Of(state), stoppedBy,
                [.. cycles.Select(told => new TrueCycle(told.Cycle, usage.PastCycle(card, told.Cycle, told.Cycle.Day) ?? 0, told.HighestBytes))]);
        }
    }
}

/// <summary>The cards of an account that were told a usage figure.</summary>
internal sealed record TruthPage(string Account, DateTimeOffset Now, IReadOnlyList<TrueCard> Cards);

/// <summary>A card as it is at its carrier.</summary>
internal sealed record TrueCard(string Iccid, string State, string? StoppedBy, IReadOnlyList<TrueCycle> Cycles);

/// <param name="Cycle">Its first day.</param>
/// <param name="UsedBytes">Really used in it, up to now or to its end.</param>
/// <param name="HighestToldBytes">The highest figure that was told of it.</param>
internal sealed record TrueCycle(DateOnly Cycle, long UsedBytes, long HighestToldBytes);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(TruthPage))]
internal sealed partial class TruthJson : JsonSerializerContext;
