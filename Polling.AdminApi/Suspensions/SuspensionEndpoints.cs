using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Polling.AdminApi.AuditLog;
using Polling.AdminApi.Http;
using Polling.Core.AuditLog;
using Polling.Core.Cards;
using Polling.Core.Carriers;
using Polling.Core.Persistence;
using Polling.Core.Persistence.Suspensions;
using Polling.Core.Suspensions;

namespace Polling.AdminApi.Suspensions;

internal static class SuspensionEndpoints
{
    public const int PageSizeMax = 1000;
    public const int ReasonLengthMax = 500;
    private static readonly string ReasonRule = $"1 to {ReasonLengthMax} characters";

    public static async Task<Results<Ok<SuspensionListAnswer>, ProblemHttpResult>> ListAsync(
        HttpRequest request, PollingDbContext context, CancellationToken cancellationToken)
    {
        var parameters = new Parameters(request.Query);
        var card = parameters.Number("card_id", 1, Card.IdMax);
        var account = parameters.Number("account_id", 1, CarrierAccount.IdMax);
        var state = parameters.Text("state", text => SuspensionNames.State(text) is null ? null : text, $"one of {SuspensionNames.StateNames}");
        var action = parameters.Text("action", text => SuspensionNames.Action(text) is null ? null : text, "suspend or resume");
        var before = parameters.Number("before_id", 1, long.MaxValue);
        var size = parameters.Number("page_size", 1, PageSizeMax) ?? 50;
        if (!parameters.AreValid)
        {
            return parameters.Problem();
        }

        var (stateOf, actionOf) = (SuspensionNames.State(state), SuspensionNames.Action(action));
        var rows = context.Suspensions.AsNoTracking();
        rows = card is null ? rows : rows.Where(row => row.CardId == card);
        rows = account is null ? rows : rows.Where(row => row.AccountId == account);
        rows = stateOf is null ? rows : rows.Where(row => row.State == stateOf);
        rows = actionOf is null ? rows : rows.Where(row => row.Action == actionOf);
        rows = before is null ? rows : rows.Where(row => row.Id < before);
        var found = await rows.OrderByDescending(row => row.Id).Take(size + 1).ToListAsync(cancellationToken);
        var items = found.Take(size).Select(SuspensionAnswer.Of).ToList();
        return TypedResults.Ok(new SuspensionListAnswer(items, found.Count > size ? items[^1].Id : null));
    }

    public static async Task<Results<Ok<SuspensionAnswer>, ProblemHttpResult>> GetAsync(
        string id, HttpRequest request, PollingDbContext context, CancellationToken cancellationToken)
    {
        var parameters = new Parameters(request.Query);
        if (parameters.Number("id", id, 1, long.MaxValue) is not { } number)
        {
            return parameters.Problem();
        }

        return await context.Suspensions.AsNoTracking().SingleOrDefaultAsync(row => row.Id == number, cancellationToken) is { } row
            ? TypedResults.Ok(SuspensionAnswer.Of(row))
            : TypedResults.Problem(
                statusCode: StatusCodes.Status404NotFound, title: "No such suspension", detail: $"There is no suspension with the id {number}.");
    }

    public static Task<Results<Accepted<SuspensionAnswer>, ProblemHttpResult>> SuspendAsync(
        string id, HttpRequest request, ManualStops stops, PollingDbContext context, AuditTrail audit, CancellationToken cancellationToken) =>
        AskAsync(id, SuspensionAction.Suspend, request, stops, context, audit, cancellationToken);

    public static Task<Results<Accepted<SuspensionAnswer>, ProblemHttpResult>> ResumeAsync(
        string id, HttpRequest request, ManualStops stops, PollingDbContext context, AuditTrail audit, CancellationToken cancellationToken) =>
        AskAsync(id, SuspensionAction.Resume, request, stops, context, audit, cancellationToken);

    /// <summary>Reads a reason.</summary>
    public static string Reason(JsonBody body)
    {
        var reason = "";
        body.Require("reason", ReasonRule);
        body.Text("reason", ReasonRule, text =>
        {
            reason = text.Trim();
            return reason.Length is > 0 and <= ReasonLengthMax;
        });
        return reason;
    }

    private static async Task<Results<Accepted<SuspensionAnswer>, ProblemHttpResult>> AskAsync(
        string id, SuspensionAction action, HttpRequest request, ManualStops stops, PollingDbContext context, AuditTrail audit,
        CancellationToken cancellationToken)
    {
        var parameters = new Parameters(request.Query);
        var cardId = parameters.Number("id", id, 1, Card.IdMax);
        var body = await JsonBody.ReadAsync(request, parameters, [], ["reason"], cancellationToken);
        var reason = Reason(body);
        if (!parameters.AreValid)
        {
            return parameters.Problem();
        }

        var caller = request.HttpContext.User.Identity?.Name ?? AuditCallers.Development;
        var asked = await audit.RunAsync(
            new AuditedOperation(SuspensionNames.Of(action), "card", id, new { Reason = reason }),
            () => stops.AskAsync(cardId!.Value, action, reason, caller, cancellationToken),
            done => new AuditedResult(new { done.SuspensionId, IsAccepted = done.Problem is null }), cancellationToken);
        if (asked.Problem is { } problem)
        {
            return problem == ManualStopProblem.NoCard
                ? TypedResults.Problem(statusCode: StatusCodes.Status404NotFound, title: "No such card", detail: $"There is no card with the id {cardId}.")
                : TypedResults.Problem(
                    statusCode: StatusCodes.Status409Conflict, title: "The card's state does not allow it",
                    detail: problem switch
                    {
                        ManualStopProblem.NotInUse => $"Card {cardId} is neither active nor suspended.",
                        ManualStopProblem.IsSoAlready => $"Card {cardId} is {(action == SuspensionAction.Suspend ? "suspended" : "active")} already.",
                        _ => $"The same is asked for already: GET {SuspensionsSetup.Path}/{asked.SuspensionId}.",
                    });
        }

        var row = await context.Suspensions.AsNoTracking().SingleAsync(s => s.Id == asked.SuspensionId, cancellationToken);
        return TypedResults.Accepted($"{SuspensionsSetup.Path}/{row.Id}", SuspensionAnswer.Of(row));
    }
}
