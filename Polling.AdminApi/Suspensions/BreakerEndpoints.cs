using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Polling.AdminApi.AuditLog;
using Polling.AdminApi.Http;
using Polling.Core.AuditLog;
using Polling.Core.Carriers;
using Polling.Core.Persistence;
using Polling.Core.Suspensions;

namespace Polling.AdminApi.Suspensions;

internal static class BreakerEndpoints
{
    public static async Task<Ok<BreakerListAnswer>> ListAsync(PollingDbContext context, CancellationToken cancellationToken)
    {
        // A row without a reason has never tripped: it is there to be locked.
        var breakers = await context.SuspensionBreakers.AsNoTracking().Where(breaker => breaker.Reason != "")
            .OrderByDescending(breaker => breaker.IsTripped).ThenBy(breaker => breaker.AccountId).ToListAsync(cancellationToken);
        var codes = await context.CarrierAccounts.AsNoTracking().Select(a => new { a.Id, a.Code }).ToDictionaryAsync(a => a.Id, a => a.Code, cancellationToken);
        var held = await context.Suspensions.AsNoTracking().Where(row => row.State == SuspensionState.Held)
            .GroupBy(row => row.AccountId).Select(group => new { group.Key, Count = group.LongCount() })
            .ToDictionaryAsync(group => group.Key, group => group.Count, cancellationToken);
        return TypedResults.Ok(new BreakerListAnswer(
            breakers.ConvertAll(b => new BreakerAnswer(
                b.AccountId, codes.GetValueOrDefault(b.AccountId), b.IsTripped, b.TrippedAt, b.Reason, held.GetValueOrDefault(b.AccountId), b.ReleasedAt,
                b.ReleasedBy)),
            breakers.Count));
    }

    public static async Task<Results<Ok<BreakerReleaseAnswer>, ProblemHttpResult>> ReleaseAsync(
        [FromRoute(Name = "account_id")] string accountId, HttpRequest request, Core.Persistence.Suspensions.BreakerRelease breaker, AuditTrail audit, TimeProvider clock, CancellationToken cancellationToken)
    {
        var parameters = new Parameters(request.Query);
        var id = parameters.Number("account_id", accountId, 1, CarrierAccount.IdMax);
        var discard = false;

        // Without a body what it holds goes on.
        if (request.ContentLength is not (0 or null) || request.ContentType is not null)
        {
            var body = await JsonBody.ReadAsync(request, parameters, [], ["discard"], cancellationToken);
            body.Flag("discard", value => discard = value);
        }

        if (!parameters.AreValid)
        {
            return parameters.Problem();
        }

        var caller = request.HttpContext.User.Identity?.Name ?? AuditCallers.Development;
        var released = await audit.RunAsync(
            new AuditedOperation("release", "suspension_breaker", accountId, new { Discard = discard }),
            () => breaker.ReleaseAsync(id!.Value, discard, caller, clock.SaveTime(), cancellationToken),
            held => new AuditedResult(new { Held = held }), cancellationToken);
        return released is { } count
            ? TypedResults.Ok(new BreakerReleaseAnswer(id!.Value, discard ? 0 : count, discard ? count : 0))
            : TypedResults.Problem(
                statusCode: StatusCodes.Status409Conflict, title: "The breaker is not tripped", detail: $"The breaker of account {id} holds nothing.");
    }
}
