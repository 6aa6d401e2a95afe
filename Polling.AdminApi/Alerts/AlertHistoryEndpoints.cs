using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Polling.AdminApi.Http;
using Polling.Core.Persistence;

namespace Polling.AdminApi.Alerts;

internal static class AlertHistoryEndpoints
{
    public const int PageSizeMax = 1000;
    public const int PageMax = 100_000;

    // History outlives its rules, so the id of a rule that is not there finds what it left, or nothing.
    public static async Task<Results<Ok<AlertHistoryPageAnswer>, ProblemHttpResult>> ListAsync(
        HttpRequest request, PollingDbContext context, CancellationToken cancellationToken)
    {
        var parameters = new Parameters(request.Query);
        var ruleId = parameters.Number("rule_id", 1, int.MaxValue);
        var state = parameters.Text("state", text => text is "firing" or "resolved" ? text : null, "firing or resolved");
        var page = parameters.Number("page", 1, PageMax) ?? 1;
        var size = parameters.Number("page_size", 1, PageSizeMax) ?? 20;
        if (!parameters.AreValid)
        {
            return parameters.Problem();
        }

        var all = context.AlertHistory.AsNoTracking();
        all = ruleId is { } id ? all.Where(entry => entry.RuleId == id) : all;
        all = state switch
        {
            "firing" => all.Where(entry => entry.ResolvedAt == null),
            "resolved" => all.Where(entry => entry.ResolvedAt != null),
            _ => all,
        };
        var total = await all.LongCountAsync(cancellationToken);
        var entries = await all.OrderByDescending(entry => entry.TriggeredAt).ThenByDescending(entry => entry.Id)
            .Skip((page - 1) * size).Take(size).ToListAsync(cancellationToken);
        var ids = entries.Select(entry => entry.Id).ToArray();
        var deliveries = (await context.AlertDeliveries.AsNoTracking().Where(delivery => ids.Contains(delivery.HistoryId))
            .ToListAsync(cancellationToken)).ToLookup(delivery => delivery.HistoryId);
        return TypedResults.Ok(new AlertHistoryPageAnswer(
            [.. entries.Select(entry => AlertHistoryAnswer.Of(entry, deliveries[entry.Id]))], total, page, size));
    }

    public static async Task<Results<Ok<AlertHistoryAnswer>, ProblemHttpResult>> GetAsync(
        string id, HttpRequest request, PollingDbContext context, CancellationToken cancellationToken)
    {
        var parameters = new Parameters(request.Query);
        if (parameters.Number("id", id, 1, long.MaxValue) is not { } number)
        {
            return parameters.Problem();
        }

        var entry = await context.AlertHistory.AsNoTracking().SingleOrDefaultAsync(entry => entry.Id == number, cancellationToken);
        return entry is null
            ? TypedResults.Problem(
                statusCode: StatusCodes.Status404NotFound, title: "No such entry", detail: $"There is no alert history with the id {number}.")
            : TypedResults.Ok(AlertHistoryAnswer.Of(
                entry,
                await context.AlertDeliveries.AsNoTracking().Where(delivery => delivery.HistoryId == number).ToListAsync(cancellationToken)));
    }
}
