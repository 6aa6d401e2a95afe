using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Polling.AdminApi.AuditLog;
using Polling.AdminApi.Http;
using Polling.Core.Cards;
using Polling.Core.ManualTriggers;
using Polling.Core.Persistence;
using Polling.Core.Queue.Manual;

namespace Polling.AdminApi.ManualTriggers;

internal static class TriggerEndpoints
{
    public const string Path = "/api/admin/polling-manual-trigger";
    public const string AuditSubject = "polling_manual_trigger";
    public const int PageSizeMax = 100;
    public const int PageMax = 100_000;
    public const int CardsMax = 1000;

    public static async Task<Results<Accepted<TriggerAnswer>, ProblemHttpResult>> SingleAsync(
        HttpRequest request, TriggerStart start, PollingDbContext context, CancellationToken cancellationToken)
    {
        var parameters = new Parameters(request.Query);
        var (type, card) = await TriggerFields.ReadSingleAsync(request, parameters, cancellationToken);
        return !parameters.AreValid ? parameters.Problem()
            : await context.Cards.AnyAsync(c => c.Id == card, cancellationToken)
                ? Accepted(await start.StartAsync(type, ManualTriggerKind.Single, [card], cancellationToken))
                : TypedResults.Problem(statusCode: StatusCodes.Status404NotFound, title: "No such card", detail: $"There is no card with the id {card}.");
    }

    public static async Task<Results<Accepted<TriggerAnswer>, ProblemHttpResult>> BatchAsync(
        HttpRequest request, TriggerStart start, CancellationToken cancellationToken)
    {
        var parameters = new Parameters(request.Query);
        var (type, cards) = await TriggerFields.ReadBatchAsync(request, parameters, cancellationToken);
        return parameters.AreValid ? Accepted(await start.StartAsync(type, ManualTriggerKind.Batch, cards, cancellationToken)) : parameters.Problem();
    }

    public static async Task<Results<Accepted<TriggerAnswer>, ProblemHttpResult>> ByConditionAsync(
        HttpRequest request, TriggerStart start, CancellationToken cancellationToken)
    {
        var parameters = new Parameters(request.Query);
        var (type, condition) = await TriggerFields.ReadConditionAsync(request, parameters, cancellationToken);
        return parameters.AreValid ? Accepted(await start.StartAsync(type, condition, cancellationToken)) : parameters.Problem();
    }

    public static async Task<Results<Ok<TriggerAnswer>, ProblemHttpResult>> CancelAsync(
        HttpRequest request, TriggerStore store, ManualHandover handover, AuditTrail audit, CancellationToken cancellationToken)
    {
        var parameters = new Parameters(request.Query);
        var id = await TriggerFields.ReadTriggerAsync(request, parameters, cancellationToken);
        if (!parameters.AreValid)
        {
            return parameters.Problem();
        }

        if (await store.FindAsync(id, cancellationToken) is not { } trigger)
        {
            return NotFound();
        }

        // Cancelled twice is as good as once, and does what the first one was kept from; what has ended cannot be cancelled any more.
        return await (trigger.CancelledAt is null
            ? CancelAsync(trigger, handover, audit, cancellationToken)
            : FinishCancelAsync(trigger, handover, cancellationToken))
            ? TypedResults.Ok(await store.DescribeAsync((await store.FindAsync(id, cancellationToken))!, cancellationToken))
            : TypedResults.Problem(
                statusCode: StatusCodes.Status409Conflict, title: "The trigger has ended", detail: $"All cards of the trigger {id} have been asked or skipped.");
    }

    public static async Task<Results<Ok<TriggerPageAnswer>, ProblemHttpResult>> ListAsync(
        HttpRequest request, TriggerStore store, CancellationToken cancellationToken)
    {
        var parameters = new Parameters(request.Query);
        var filter = new TriggerFilter(
            parameters.TaskType("task_type"), parameters.Text("state", Known(TriggerStore.States), $"one of {string.Join(", ", TriggerStore.States)}"),
            parameters.Number("page", 1, PageMax) ?? 1, parameters.Number("page_size", 1, PageSizeMax) ?? 20);
        return parameters.AreValid ? TypedResults.Ok(await store.ListAsync(filter, cancellationToken)) : parameters.Problem();
    }

    public static async Task<Results<Ok<TriggerAnswer>, ProblemHttpResult>> GetAsync(string id, TriggerStore store, CancellationToken cancellationToken) =>
        await store.FindAsync(TriggerFields.Parse(id), cancellationToken) is { } trigger
            ? TypedResults.Ok(await store.DescribeAsync(trigger, cancellationToken))
            : NotFound();

    public static async Task<Results<Ok<TriggerCardsAnswer>, ProblemHttpResult>> CardsAsync(
        string id, HttpRequest request, TriggerStore store, CancellationToken cancellationToken)
    {
        var parameters = new Parameters(request.Query);
        var state = parameters.Text("state", Known(TriggerCardAnswer.States), $"one of {string.Join(", ", TriggerCardAnswer.States)}");
        var after = parameters.Number("after_card_id", 0, Card.IdMax) ?? 0;
        var size = parameters.Number("page_size", 1, CardsMax) ?? 100;
        return !parameters.AreValid ? parameters.Problem()
            : await store.FindAsync(TriggerFields.Parse(id), cancellationToken) is not { } trigger ? NotFound()
            : TypedResults.Ok(await store.CardsAsync(
                trigger, state is null ? null : (ManualItemState)Array.IndexOf(TriggerCardAnswer.States, state), after, size, cancellationToken));
    }

    private static Task<bool> CancelAsync(ManualTrigger trigger, ManualHandover handover, AuditTrail audit, CancellationToken cancellationToken) =>
        audit.RunAsync(
            new AuditedOperation("cancel", AuditSubject, $"{trigger.Id}", null), () => handover.CancelAsync(trigger, cancellationToken),
            isCancelled => new AuditedResult(new { IsCancelled = isCancelled }), cancellationToken);

    private static async Task<bool> FinishCancelAsync(ManualTrigger trigger, ManualHandover handover, CancellationToken cancellationToken)
    {
        if (trigger.FinishedAt is null)
        {
            await handover.FinishCancelAsync(trigger, cancellationToken);
        }

        return true;
    }

    private static Func<string, string?> Known(string[] names) => text => names.Contains(text) ? text : null;

    private static Accepted<TriggerAnswer> Accepted(TriggerAnswer trigger) => TypedResults.Accepted($"{Path}/{trigger.TriggerId}", trigger);

    private static ProblemHttpResult NotFound() => TypedResults.Problem(
        statusCode: StatusCodes.Status404NotFound, title: "No such trigger",
        detail: "There is no manual trigger with that trigger_id. It may have been removed by the data clean-up.");
}
