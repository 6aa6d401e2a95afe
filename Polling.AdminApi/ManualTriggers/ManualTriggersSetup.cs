using Polling.AdminApi.OpenApi;
using Polling.Core.Cards;

namespace Polling.AdminApi.ManualTriggers;

/// <summary>Cards asked by hand (operations contract, section 6).</summary>
internal static class ManualTriggersSetup
{
    public static void AddManualTriggers(this WebApplicationBuilder builder)
    {
        builder.Services.AddScoped<TriggerStore>();
        builder.Services.AddScoped<TriggerStart>();
    }

    public static void MapManualTriggers(this IEndpointRouteBuilder app)
    {
        var triggers = app.MapGroup(TriggerEndpoints.Path).WithTags("polling-manual-trigger").ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        triggers.MapPost("/single", TriggerEndpoints.SingleAsync).WithSummary("Asks one card now")
            .WithJsonBody<SingleTriggerRequest>().ProducesProblem(StatusCodes.Status404NotFound);
        triggers.MapPost("/batch", TriggerEndpoints.BatchAsync).WithSummary("Asks up to 100,000 cards now; ids that no card has are skipped and told")
            .WithJsonBody<BatchTriggerRequest>(TriggerFields.BatchBytesMax);
        triggers.MapPost("/by-condition", TriggerEndpoints.ByConditionAsync).WithSummary("Asks all cards now that the conditions hold for")
            .WithJsonBody<ConditionTriggerRequest>();
        triggers.MapPost("/cancel", TriggerEndpoints.CancelAsync).WithSummary("Cancels a trigger: what is not being asked already is not asked any more")
            .WithJsonBody<CancelTriggerRequest>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        triggers.MapGet("/", TriggerEndpoints.ListAsync).WithSummary("Triggers and how far they are, the newest first")
            .WithTaskTypeQuery().WithTextQuery("state", "default: all", TriggerStore.States)
            .WithPages(TriggerEndpoints.PageMax, TriggerEndpoints.PageSizeMax)
            .ProducesProblem(StatusCodes.Status400BadRequest);
        triggers.MapGet("/{id}", TriggerEndpoints.GetAsync).WithSummary("A trigger and how far it is").ProducesProblem(StatusCodes.Status404NotFound);
        triggers.MapGet("/{id}/cards", TriggerEndpoints.CardsAsync).WithSummary("Cards of a trigger and what became of each")
            .WithTextQuery("state", "default: all", TriggerCardAnswer.States)
            .WithIntegerQuery("after_card_id", "reads on behind this card: next_after_card_id of the page before", 0, Card.IdMax)
            .WithIntegerQuery("page_size", "cards of a page", 1, TriggerEndpoints.CardsMax, 100)
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound);
    }
}
