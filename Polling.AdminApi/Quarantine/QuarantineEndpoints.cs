using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Polling.AdminApi.AuditLog;
using Polling.AdminApi.Http;
using Polling.Core.Cards;
using Polling.Core.Configuration;
using Polling.Core.Persistence;
using Polling.Core.Queue.Quarantine;

namespace Polling.AdminApi.Quarantine;

internal static class QuarantineEndpoints
{
    public const int PageSizeMax = 1000;
    public const int PageMax = 100_000;
    public const int ReleaseMax = 1000;
    private const string CardIds = "card_ids";

    public static async Task<Ok<QuarantineCountsAnswer>> CountAsync(QuarantineScripts quarantine) => TypedResults.Ok(new QuarantineCountsAnswer(
        await Task.WhenAll(TaskTypes.All.Select(async type => new QuarantineCountAnswer(type.Name(), await quarantine.CountAsync(type))))));

    public static async Task<Results<Ok<QuarantinePageAnswer>, ProblemHttpResult>> ListAsync(
        [FromRoute(Name = "task_type")] string taskType, HttpRequest request, QuarantineScripts quarantine, PollingDbContext context, CancellationToken cancellationToken)
    {
        var parameters = new Parameters(request.Query);
        var type = parameters.TaskType("task_type", taskType);
        var page = parameters.Number("page", 1, PageMax) ?? 1;
        var size = parameters.Number("page_size", 1, PageSizeMax) ?? 20;
        if (!parameters.AreValid)
        {
            return parameters.Problem();
        }

        var total = await quarantine.CountAsync(type!.Value);
        var cards = await quarantine.ListAsync(type.Value, (page - 1) * size, size);
        return TypedResults.Ok(new QuarantinePageAnswer(
            taskType, await DescribeAsync(type.Value, cards, context, cancellationToken), total, page, size));
    }

    public static async Task<Results<Ok<ReleaseAnswer>, ProblemHttpResult>> ReleaseAsync(
        [FromRoute(Name = "task_type")] string taskType, HttpRequest request, QuarantineRelease quarantine, AuditTrail audit, CancellationToken cancellationToken)
    {
        var parameters = new Parameters(request.Query);
        var type = parameters.TaskType("task_type", taskType);
        var body = await JsonBody.ReadAsync(request, parameters, [], [CardIds], cancellationToken);
        IReadOnlyList<long> ids = [];
        body.Require(CardIds, $"an array of 1 to {ReleaseMax} integers");
        body.Numbers(CardIds, 1, Card.IdMax, ReleaseMax, numbers => ids = numbers);
        if (!parameters.AreValid)
        {
            return parameters.Problem();
        }

        var released = await audit.RunAsync(
            new AuditedOperation("release", "polling_quarantine", taskType, new { CardIds = ids }), () => quarantine.ReleaseAsync(type!.Value, ids),
            done => new AuditedResult(new { done.Released, done.NotInQuarantine, done.Unknown }), cancellationToken);
        return TypedResults.Ok(new ReleaseAnswer(taskType, released.Released, released.NotInQuarantine, released.Unknown));
    }

    private static async Task<IReadOnlyList<QuarantinedCardAnswer>> DescribeAsync(
        TaskType type, IReadOnlyList<QuarantinedCard> cards, PollingDbContext context, CancellationToken cancellationToken)
    {
        var ids = cards.Select(card => card.CardId).ToArray();
        var known = await context.Cards.AsNoTracking().Where(card => ids.Contains(card.Id)).ToDictionaryAsync(card => card.Id, cancellationToken);
        var polls = await context.CardPolls.AsNoTracking()
            .Where(poll => poll.TaskType == type && ids.Contains(poll.CardId)).ToDictionaryAsync(poll => poll.CardId, cancellationToken);
        return
        [
            .. cards.Select(card => (Aside: card, Card: known.GetValueOrDefault(card.CardId), Poll: polls.GetValueOrDefault(card.CardId)))
                .Select(c => new QuarantinedCardAnswer(
                    c.Aside.CardId, c.Card?.Iccid, c.Card?.AccountId, c.Aside.Since, c.Poll?.ErrorCode, c.Poll?.CheckedAt)),
        ];
    }
}
