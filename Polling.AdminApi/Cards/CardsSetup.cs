using Microsoft.AspNetCore.Mvc;
using Polling.AdminApi.OpenApi;
using Polling.Core.Cards;
using Polling.Core.Cards.Import;
using Polling.Core.Carriers;
using Polling.Core.Configuration;
using Polling.Core.Persistence.CardImport;

namespace Polling.AdminApi.Cards;

/// <summary>Cards: import, list, one.</summary>
internal static class CardsSetup
{
    public static void AddCards(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<ICardChunkStore, CardChunkStore>();
        builder.Services.AddSingleton<CardImporter>();
        builder.Services.AddScoped<CardList>();
        builder.Services.AddScoped<CardExplanation>();
    }

    public static void MapCards(this IEndpointRouteBuilder app)
    {
        var cards = app.MapGroup("/api/admin/cards").WithTags("cards");
        cards.MapPost("/import", CardImportEndpoint.ImportAsync)
            .WithSummary("Imports cards from a CSV file, sent as text/csv or as a file in multipart/form-data")
            .WithFileBody("text/csv", "multipart/form-data")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .WithMetadata(new DisableRequestSizeLimitAttribute())
            .DisableAntiforgery();
        cards.MapGet("/", CardEndpoints.ListAsync)
            .WithSummary("Lists cards in the order of their ids: by page, or (for many) from an id onwards")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .WithIntegerQuery("page", "which page; with page_size, at most 100000 cards deep", 1, CardFilter.DepthMax, 1)
            .WithIntegerQuery("page_size", "cards of a page", 1, CardFilter.PageSizeMax, CardFilter.PageSizeDefault)
            .WithIntegerQuery("after_id", "instead of page: only cards with a higher id; no total is counted then", 0, Card.IdMax)
            .WithTextQuery("iccid", "the beginning of the iccid, 1 to 20 characters")
            .WithTextQuery("msisdn", "the whole msisdn")
            .WithIntegerQuery("carrier_id", "the carrier")
            .WithIntegerQuery("account_id", "the carrier account", 1, CarrierAccount.IdMax)
            .WithIntegerQuery("status", "0 inventory, 1 active, 2 suspended, 3 terminated", 0, 3)
            .WithIntegerQuery("real_name_status", "0 not real-named, 1 real-named", 0, 1)
            .WithIntegerQuery("package_id", "the package", 1, PollingConfig.PackageIdMax)
            .WithIntegerQuery("pool_id", "the usage pool");
        cards.MapGet("/{id}/explain", CardEndpoints.ExplainAsync)
            .WithSummary("Why a card is asked as it is: its configuration, next due time, place, lateness and cause, and what its carrier said last")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound);
        cards.MapGet("/{id}", CardEndpoints.GetAsync)
            .WithSummary("One card, with the newest result of each task, and where it is: due time, place, lateness and its cause")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound);
    }
}
