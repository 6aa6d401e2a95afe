using Microsoft.AspNetCore.Http.HttpResults;
using Polling.AdminApi.Http;
using Polling.Core.Cards;

namespace Polling.AdminApi.Cards;

internal static class CardEndpoints
{
    public static async Task<Results<Ok<CardPageAnswer>, ProblemHttpResult>> ListAsync(
        HttpRequest request, CardList cards, CancellationToken cancellationToken)
    {
        var parameters = new Parameters(request.Query);
        var filter = CardFilter.Read(parameters);
        return parameters.AreValid ? TypedResults.Ok(await cards.ReadAsync(filter, cancellationToken)) : parameters.Problem();
    }

    public static Task<Results<Ok<CardDetailAnswer>, ProblemHttpResult>> GetAsync(
        string id, HttpRequest request, CardList cards, CancellationToken cancellationToken) =>
        OneAsync(id, request, cards.FindAsync, cancellationToken);

    public static Task<Results<Ok<CardExplanationAnswer>, ProblemHttpResult>> ExplainAsync(
        string id, HttpRequest request, CardExplanation explanation, CancellationToken cancellationToken) =>
        OneAsync(id, request, explanation.FindAsync, cancellationToken);

    private static async Task<Results<Ok<T>, ProblemHttpResult>> OneAsync<T>(
        string id, HttpRequest request, Func<long, CancellationToken, Task<T?>> findAsync, CancellationToken cancellationToken)
        where T : class
    {
        var parameters = new Parameters(request.Query);
        if (parameters.Number("id", id, 1, Card.IdMax) is not { } cardId)
        {
            return parameters.Problem();
        }

        return await findAsync(cardId, cancellationToken) is { } card
            ? TypedResults.Ok(card)
            : TypedResults.Problem(
                statusCode: StatusCodes.Status404NotFound, title: "No such card", detail: $"There is no card with the id {cardId}.");
    }
}
