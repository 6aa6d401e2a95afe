using Microsoft.AspNetCore.Http.HttpResults;
using Polling.AdminApi.Http;
using Polling.Core.AuditLog;

namespace Polling.AdminApi.Access;

internal static class KeyEndpoints
{
    public static async Task<Ok<KeyListAnswer>> ListAsync(KeyStore store, CancellationToken cancellationToken) =>
        TypedResults.Ok(await store.ListAsync(cancellationToken));

    public static async Task<Results<Created<NewKeyAnswer>, ProblemHttpResult>> CreateAsync(
        HttpContext context, KeyStore store, KeyRing ring, TimeProvider clock, CancellationToken cancellationToken)
    {
        var parameters = new Parameters(context.Request.Query);
        var fields = await KeyFields.ReadAsync(context.Request, parameters, clock.GetUtcNow(), cancellationToken);
        if (!parameters.AreValid)
        {
            return parameters.Problem();
        }

        var caller = context.User.Identity?.Name ?? AuditCallers.Development;
        if (await store.CreateAsync(fields.Name, fields.Scope, fields.ExpiresAt, caller, cancellationToken) is not { } made)
        {
            return TypedResults.Problem(
                statusCode: StatusCodes.Status409Conflict, title: "The name is taken",
                detail: $"A key with the name {fields.Name} is not revoked: choose another name, or revoke that one first.");
        }

        await ring.RefreshAsync(CancellationToken.None);
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Created($"/api/admin/api-keys/{made.Key.Id}", made);
    }

    public static async Task<Results<NoContent, ProblemHttpResult>> RevokeAsync(
        string id, HttpRequest request, KeyStore store, KeyRing ring, OpenAccess open, CancellationToken cancellationToken)
    {
        var parameters = new Parameters(request.Query);
        if (parameters.Number("id", id, 1, int.MaxValue) is not { } number)
        {
            return parameters.Problem();
        }

        if (await store.FindAsync(number, cancellationToken) is not { } key)
        {
            return TypedResults.Problem(
                statusCode: StatusCodes.Status404NotFound, title: "No such key", detail: $"There is no API key with the id {number}.");
        }

        if (!await store.RevokeAsync(key, mayBeLast: open.IsOpen, cancellationToken))
        {
            return TypedResults.Problem(
                statusCode: StatusCodes.Status409Conflict, title: "It is the last key for administrators",
                detail: "Nobody could make or revoke keys then: make another key with the scope admin first.");
        }

        await ring.RefreshAsync(CancellationToken.None);
        return TypedResults.NoContent();
    }
}
