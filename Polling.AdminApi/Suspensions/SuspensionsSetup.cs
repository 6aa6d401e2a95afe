using Polling.AdminApi.OpenApi;
using Polling.Core.Cards;
using Polling.Core.Carriers;
using Polling.Core.Persistence.Suspensions;

namespace Polling.AdminApi.Suspensions;

/// <summary>Suspensions: what was done and why, by hand, exemptions, the breaker against mass suspension.</summary>
internal static class SuspensionsSetup
{
    public const string Path = "/api/admin/suspensions";

    public static void AddSuspensions(this WebApplicationBuilder builder) =>
        builder.Services.AddSingleton<ManualStops>().AddSingleton<Core.Persistence.Suspensions.BreakerRelease>();

    public static void MapSuspensions(this IEndpointRouteBuilder app)
    {
        var suspensions = app.MapGroup(Path).WithTags("suspensions").ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        suspensions.MapGet("/", SuspensionEndpoints.ListAsync).WithSummary("Suspensions and resumes, the newest first")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .WithIntegerQuery("card_id", "of one card", 1, Card.IdMax)
            .WithIntegerQuery("account_id", "of one carrier account", 1, CarrierAccount.IdMax)
            .WithTextQuery("state", "how far it is", SuspensionNames.StateNames.Split(", "))
            .WithTextQuery("action", "what is to be done", "suspend", "resume")
            .WithIntegerQuery("before_id", "only lower ids: next_before_id of the page before", 1, long.MaxValue)
            .WithIntegerQuery("page_size", "items of a page", 1, SuspensionEndpoints.PageSizeMax, 50);
        suspensions.MapGet("/{id}", SuspensionEndpoints.GetAsync).WithSummary("One suspension or resume")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound);

        var breakers = app.MapGroup("/api/admin/suspension-breakers").WithTags("suspensions").ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        breakers.MapGet("/", BreakerEndpoints.ListAsync).WithSummary("The accounts whose breaker against mass suspension has ever tripped");
        breakers.MapPost("/{account_id}/release", BreakerEndpoints.ReleaseAsync)
            .WithSummary("Releases an account's breaker: what it holds goes on, or is discarded")
            .WithJsonBody<BreakerReleaseRequest>(isRequired: false).ProducesProblem(StatusCodes.Status409Conflict);

        var cards = app.MapGroup("/api/admin/cards/{id}").WithTags("suspensions").ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        cards.MapPost("/suspend", SuspensionEndpoints.SuspendAsync).WithSummary("Suspends a card by hand; polling never resumes it")
            .WithJsonBody<ManualStop>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        cards.MapPost("/resume", SuspensionEndpoints.ResumeAsync).WithSummary("Resumes a card by hand, whoever stopped it, if the carrier allows it")
            .WithJsonBody<ManualStop>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        cards.MapPut("/suspension-exemption", ExemptionEndpoints.PutAsync).WithSummary("Exempts a card from suspension whatever it uses")
            .WithJsonBody<NewExemption>().ProducesProblem(StatusCodes.Status404NotFound);
        cards.MapDelete("/suspension-exemption", ExemptionEndpoints.DeleteAsync).WithSummary("Ends a card's exemption")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound);
        app.MapGet("/api/admin/suspension-exemptions", ExemptionEndpoints.ListAsync).WithTags("suspensions")
            .WithSummary("Exempt cards, in the order of their ids")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status503ServiceUnavailable)
            .WithIntegerQuery("after_id", "only cards with a higher id: next_after_id of the page before", 0, Card.IdMax)
            .WithIntegerQuery("page_size", "items of a page", 1, ExemptionEndpoints.PageSizeMax, 50);
    }
}
