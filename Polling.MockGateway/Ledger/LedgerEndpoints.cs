using System.Globalization;
using Polling.MockGateway.Calls;
using Polling.MockGateway.Cards;
using Polling.MockGateway.Quotas;

namespace Polling.MockGateway.Ledger;

/// <summary><c>/control/ledger</c>: who asked about which card, when, and what the answer was.</summary>
internal static class LedgerEndpoints
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1_000;
    private const double DefaultWithinSeconds = 30;
    private const double MaxWithinSeconds = 31_536_000;

    public static void MapLedger(this IEndpointRouteBuilder app)
    {
        var ledger = app.MapGroup("/control/ledger");
        ledger.MapGet("", Page);
        ledger.MapGet("/summary", Summary);
        ledger.MapGet("/cards/{iccid}", History);
        ledger.MapDelete("", (CallLedger calls, CarrierAccounts accounts) =>
        {
            calls.Reset();
            accounts.Reset();
            return TypedResults.NoContent();
        });
    }

    private static IResult Page(CallLedger calls, string? account, string? caller, string? task, string? card, string? since_sequence, string? limit)
    {
        if (TaskProblem(task) is { } problem)
        {
            return problem;
        }

        CardId? wanted = null;
        if (card is not null)
        {
            if (!CardId.TryParse(card, out var id))
            {
                return Problems.Field("card", $"is '{card}'; it must be {CardId.Rule}");
            }

            wanted = id;
        }

        if (!TryWhole(since_sequence, 0, 0, long.MaxValue, out var since))
        {
            return Problems.Field("since_sequence", $"is '{since_sequence}'; it must be a whole number, 0 or more");
        }

        return TryWhole(limit, DefaultLimit, 1, MaxLimit, out var count)
            ? TypedResults.Json(LedgerQueries.Page(calls.Read(), new(account, caller, task, wanted, since, (int)count)), LedgerJson.Default.LedgerPage)
            : LimitProblem(limit);
    }

    private static IResult Summary(CallLedger calls, CarrierAccounts accounts, string? task, string? within_seconds)
    {
        if (TaskProblem(task) is { } problem)
        {
            return problem;
        }

        var within = DefaultWithinSeconds;
        return within_seconds is null
            || (double.TryParse(within_seconds, NumberStyles.Float, CultureInfo.InvariantCulture, out within) && within is >= 0 and <= MaxWithinSeconds)
            ? TypedResults.Json(LedgerSummaries.Of(calls.Read(), accounts, within, task), LedgerJson.Default.LedgerSummary)
            : Problems.Field("within_seconds", $"is '{within_seconds}'; it must be a number from 0 to {MaxWithinSeconds:0}");
    }

    private static IResult History(CallLedger calls, string iccid, string? task, string? limit)
    {
        if (TaskProblem(task) is { } problem)
        {
            return problem;
        }

        if (!CardId.TryParse(iccid, out var card))
        {
            return Problems.Field("iccid", $"is '{iccid}'; it must be {CardId.Rule}");
        }

        return TryWhole(limit, MaxLimit, 1, MaxLimit, out var count)
            ? TypedResults.Json(LedgerQueries.History(calls.Read(), card, iccid, task, (int)count), LedgerJson.Default.CardHistory)
            : LimitProblem(limit);
    }

    private static IResult? TaskProblem(string? task) =>
        task is null || TaskNames.All.Contains(task)
            ? null
            : Problems.Field("task", $"is '{task}'; it must be one of {string.Join(", ", TaskNames.All)}");

    private static IResult LimitProblem(string? limit) =>
        Problems.Field("limit", $"is '{limit}'; it must be a whole number from 1 to {MaxLimit}");

    private static bool TryWhole(string? text, long unset, long min, long max, out long value)
    {
        value = unset;
        return text is null
            || (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= min && value <= max);
    }
}
