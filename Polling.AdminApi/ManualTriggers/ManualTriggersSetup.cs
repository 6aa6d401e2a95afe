using Polling.AdminApi.Http;

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
            .WithTextQuery("task_type", "realname, carddata, package; default: all").WithTextQuery("state", "open, done, cancelled; default: all")
            .WithIntegerQuery("page", "from 1, default 1").WithIntegerQuery("page_size", "1 to 100, default 20")
            .ProducesProblem(StatusCodes.Status400BadRequest);
        triggers.MapGet("/{id}", TriggerEndpoints.GetAsync).WithSummary("A trigger and how far it is").ProducesProblem(StatusCodes.Status404NotFound);
        triggers.MapGet("/{id}/cards", TriggerEndpoints.CardsAsync).WithSummary("Cards of a trigger and what became of each")
            .WithTextQuery("state", "queued, running, done, failed, skipped, cancelled; default: all")
            .WithIntegerQuery("after_card_id", "reads on behind this card").WithIntegerQuery("page_size", "1 to 1000, default 100")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound);
    }
}
