using Microsoft.AspNetCore.Http.HttpResults;
using Polling.AdminApi.Http;
using Polling.AdminApi.Packages;
using Polling.Core.Cards;
using Polling.Core.Persistence.Suspensions;

namespace Polling.AdminApi.Usage;

/// <summary>What cards have used. See docs/usage.md.</summary>
internal static class UsageSetup
{
    public static void AddUsage(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<OverLimit>();
        builder.Services.AddScoped<CardUsageReader>();
    }

    public static void MapUsage(this IEndpointRouteBuilder app) => app.MapGroup("/api/admin/cards").WithTags("cards")
        .MapGet("/{id}/usage", GetAsync)
        .WithSummary("What a card used: this billing cycle, the last, today and by days; its limit, and when it will reach it")
        .ProducesProblem(StatusCodes.Status400BadRequest)
        .ProducesProblem(StatusCodes.Status404NotFound);

    private static async Task<Results<Ok<CardUsageAnswer>, ProblemHttpResult>> GetAsync(
        string id, HttpRequest request, CardUsageReader usage, CancellationToken cancellationToken)
    {
        var parameters = new Parameters(request.Query);
        return parameters.Number("id", id, 1, Card.IdMax) is not { } cardId ? parameters.Problem()
            : await usage.FindAsync(cardId, cancellationToken) is { } answer ? TypedResults.Ok(answer)
            : PackagePages.NotFound("card", cardId);
    }
}
