using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http.HttpResults;
using Polling.MockGateway.Cards;
using Polling.MockGateway.Dialects.OneLink;
using Polling.MockGateway.Ledger;
using Polling.MockGateway.PassThrough;
using Polling.MockGateway.Quotas;
using Polling.MockGateway.Truth;

namespace Polling.MockGateway.Control;

/// <summary>
/// <c>/control</c>: how the gateway behaves. Bad input is a 400 problem whose <c>errors</c> name each field with its value and rule.
/// </summary>
internal static class ControlEndpoints
{
    private const int MaxBody = 1 << 20;

    public static void MapControl(this IEndpointRouteBuilder app)
    {
        var control = app.MapGroup("/control");
        control.MapGet("/behaviour", (BehaviourStore store) => Show(store));
        control.MapPut("/behaviour", UpdateAsync);
        control.MapPut("/cards/{iccid}", ForceAsync);
        control.MapGet("/cards/{iccid}", (string iccid, CardRegistry cards, CardStates states) => ShowCard(iccid, cards, states));
        control.MapPost("/tokens/expire", (IssuedTokens tokens) =>
        {
            tokens.ExpireAll();
            return TypedResults.NoContent();
        });
        control.MapPost("/reset", Reset);
    }

    private static JsonHttpResult<Behaviour> Show(BehaviourStore store) =>
        TypedResults.Json(store.Current, ControlJson.Default.Behaviour);

    private static async Task<IResult> UpdateAsync(HttpContext context, BehaviourStore store)
    {
        var (patch, problem) = await ReadAsync(context, ControlJson.Default.BehaviourPatch);
        if (patch is null)
        {
            return problem!;
        }

        var failures = store.Update(patch);
        return failures.Count == 0
            ? Show(store)
            : Problems.Fields(failures.Select(failure => (failure.JsonPath, failure.Sentence)));
    }

    private static async Task<IResult> ForceAsync(HttpContext context, string iccid, CardRegistry cards, CardStates states)
    {
        if (!CardId.TryParse(iccid, out var card))
        {
            return Problems.Field("iccid", $"is '{iccid}'; it must be {CardId.Rule}");
        }

        var (patch, problem) = await ReadAsync(context, ControlJson.Default.CardPatch);
        if (patch is null)
        {
            return problem!;
        }

        if (patch is { RealName: null, Account: null, Error: null, ErrorMessage: null, State: null, StoppedBy: null })
        {
            return Problems.Field("real_name", "is missing; send real_name (true or false), account, error and error_message, state, or stopped_by");
        }

        if (CheckState(patch) is { } wrong)
        {
            return wrong;
        }

        cards.Force(card, new(patch.RealName, patch.Account, patch.Error, patch.ErrorMessage));
        if (patch.State is { } state)
        {
            states.Force(card, CardStateNames.Find(state)!.Value, patch.StoppedBy ?? CardStates.Customer);
        }

        return Show(iccid, card, cards, states);
    }

    private static IResult? CheckState(CardPatch patch) =>
        patch.State is { } state && CardStateNames.Find(state) is null ? Problems.Field("state", $"is '{state}'; it must be {CardStateNames.Rule}")
        : patch.StoppedBy is { } by && (by is not (CardStates.Customer or CardStates.Carrier) || patch.State != CardStateNames.Stopped)
            ? Problems.Field("stopped_by", $"is '{by}'; it must be customer or carrier, and state must be stopped")
        : patch.Error is { Length: > 0 } error && (error.Length > 9 || !error.All(char.IsAsciiDigit))
            ? Problems.Field("error", $"is '{error}'; it must be a code of 1 to 9 digits, or empty (none)")
        : null;

    private static IResult ShowCard(string iccid, CardRegistry cards, CardStates states) => CardId.TryParse(iccid, out var card)
        ? Show(iccid, card, cards, states)
        : Problems.Field("iccid", $"is '{iccid}'; it must be {CardId.Rule}");

    private static JsonHttpResult<CardView> Show(string iccid, CardId card, CardRegistry cards, CardStates states)
    {
        var (state, stoppedBy) = states.Of(card);
        return TypedResults.Json(
            new CardView(iccid, cards.IsRealNamed(card), cards.OwnerOf(card), CardStateNames.Of(state), stoppedBy), ControlJson.Default.CardView);
    }

    private static NoContent Reset(
        BehaviourStore behaviour, CardRegistry cards, CardStates states, CallLedger ledger, CarrierAccounts accounts, ToldFigures told, PassedCalls passed)
    {
        behaviour.Reset();
        cards.Reset();
        states.Reset();
        ledger.Reset();
        told.Reset();
        passed.Reset();
        accounts.Reset();
        return TypedResults.NoContent();
    }

    private static async Task<(T? Value, IResult? Problem)> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type)
        where T : class
    {
        if (context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = MaxBody;
        }

        try
        {
            var value = await JsonSerializer.DeserializeAsync(context.Request.Body, type, context.RequestAborted);
            return value is null ? (null, Problems.Field("$", "is null; it must be a JSON object")) : (value, null);
        }
        catch (JsonException exception)
        {
            return (null, Problems.Field(exception.Path ?? "$", Explain(exception)));
        }
        catch (BadHttpRequestException exception)
        {
            return (null, Results.Problem(exception.Message, statusCode: exception.StatusCode));
        }
    }

    private static string Explain(JsonException exception) =>
        exception.Message.Contains("could not be mapped", StringComparison.Ordinal)
            ? "is not a field known here; GET the resource to see the names"
            : $"is not JSON, or a value of the wrong type (line {exception.LineNumber + 1}, byte {exception.BytePositionInLine})";
}
