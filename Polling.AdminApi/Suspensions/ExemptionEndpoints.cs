using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Polling.AdminApi.AuditLog;
using Polling.AdminApi.Http;
using Polling.Core.AuditLog;
using Polling.Core.Cards;
using Polling.Core.Persistence;
using Polling.Core.Suspensions;

namespace Polling.AdminApi.Suspensions;

internal static class ExemptionEndpoints
{
    public const int PageSizeMax = 1000;

    public static async Task<Results<Ok<ExemptionListAnswer>, ProblemHttpResult>> ListAsync(
        HttpRequest request, PollingDbContext context, CancellationToken cancellationToken)
    {
        var parameters = new Parameters(request.Query);
        var after = parameters.Number("after_id", 0, Card.IdMax) ?? 0;
        var size = parameters.Number("page_size", 1, PageSizeMax) ?? 50;
        if (!parameters.AreValid)
        {
            return parameters.Problem();
        }

        var found = await context.SuspensionExemptions.AsNoTracking().Where(row => row.CardId > after).OrderBy(row => row.CardId).Take(size + 1)
            .ToListAsync(cancellationToken);
        var items = found.Take(size).Select(ExemptionAnswer.Of).ToList();
        return TypedResults.Ok(new ExemptionListAnswer(items, found.Count > size ? items[^1].CardId : null));
    }

    public static async Task<Results<Ok<ExemptionAnswer>, ProblemHttpResult>> PutAsync(
        string id, HttpRequest request, PollingDbContext context, AuditTrail audit, TimeProvider clock, CancellationToken cancellationToken)
    {
        var parameters = new Parameters(request.Query);
        var cardId = parameters.Number("id", id, 1, Card.IdMax) ?? 0;
        var now = clock.SaveTime();
        var body = await JsonBody.ReadAsync(request, parameters, ["card_id", "created_at", "created_by"], ["reason", "until"], cancellationToken);
        var reason = SuspensionEndpoints.Reason(body);
        DateTimeOffset? until = null;
        body.TextOrNull("until", $"{Times.Rule}, in the future; or null (without an end)", text =>
        {
            var isRight = text is null || (Times.TryParse(text, out var time) && time > now);
            until = text is not null && Times.TryParse(text, out var end) ? end : null;
            return isRight;
        });
        if (!parameters.AreValid)
        {
            return parameters.Problem();
        }

        if (!await context.Cards.AnyAsync(card => card.Id == cardId, cancellationToken))
        {
            return TypedResults.Problem(statusCode: StatusCodes.Status404NotFound, title: "No such card", detail: $"There is no card with the id {cardId}.");
        }

        return TypedResults.Ok(ExemptionAnswer.Of(await audit.SaveRepeatedlyAsync(
            async () =>
            {
                var row = await context.SuspensionExemptions.SingleOrDefaultAsync(e => e.CardId == cardId, cancellationToken);
                if (row is null)
                {
                    row = new SuspensionExemption
                    {
                        CardId = cardId,
                        Reason = reason,
                        CreatedAt = now,
                        CreatedBy = request.HttpContext.User.Identity?.Name ?? AuditCallers.Development,
                    };
                    context.SuspensionExemptions.Add(row);
                }

                (row.Reason, row.Until) = (reason, until);
                return row;
            },
            cancellationToken)));
    }

    public static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        string id, HttpRequest request, PollingDbContext context, AuditTrail audit, CancellationToken cancellationToken)
    {
        var parameters = new Parameters(request.Query);
        if (parameters.Number("id", id, 1, Card.IdMax) is not { } cardId)
        {
            return parameters.Problem();
        }

        if (await context.SuspensionExemptions.SingleOrDefaultAsync(e => e.CardId == cardId, cancellationToken) is not { } row)
        {
            return TypedResults.Problem(
                statusCode: StatusCodes.Status404NotFound, title: "The card is not exempt", detail: $"Card {cardId} has no exemption.");
        }

        context.SuspensionExemptions.Remove(row);
        await audit.SaveChangesAsync(cancellationToken);
        return TypedResults.NoContent();
    }
}
