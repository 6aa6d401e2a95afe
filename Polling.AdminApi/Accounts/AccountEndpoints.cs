using Microsoft.AspNetCore.Http.HttpResults;
using Polling.AdminApi.Http;
using Polling.Core.Carriers;

namespace Polling.AdminApi.Accounts;

internal static class AccountEndpoints
{
    public static async Task<Ok<AccountListAnswer>> ListAsync(AccountStore store, CancellationToken cancellationToken) =>
        TypedResults.Ok(await store.ListAsync(cancellationToken));

    public static async Task<Results<Ok<AccountAnswer>, ProblemHttpResult>> GetAsync(
        string id, HttpRequest request, AccountStore store, CancellationToken cancellationToken)
    {
        var (account, problem) = await FindAsync(id, request, store, cancellationToken);
        return account is null ? problem! : TypedResults.Ok(await store.AnswerAsync(account));
    }

    public static async Task<Results<Ok<AccountAnswer>, ProblemHttpResult>> ChangeAsync(
        string id, HttpRequest request, AccountStore store, CancellationToken cancellationToken)
    {
        var (account, problem) = await FindAsync(id, request, store, cancellationToken);
        if (account is null)
        {
            return problem!;
        }

        var parameters = new Parameters(request.Query);
        AccountFields.Apply(await AccountFields.ReadAsync(request, parameters, cancellationToken), parameters, account);
        return parameters.AreValid ? await SavedAsync(account, store, cancellationToken) : parameters.Problem();
    }

    public static Task<Results<Ok<AccountAnswer>, ProblemHttpResult>> PauseAsync(
        string id, HttpRequest request, AccountStore store, CancellationToken cancellationToken) =>
        SetStatusAsync(id, AccountStatus.Paused, request, store, cancellationToken);

    public static Task<Results<Ok<AccountAnswer>, ProblemHttpResult>> ResumeAsync(
        string id, HttpRequest request, AccountStore store, CancellationToken cancellationToken) =>
        SetStatusAsync(id, AccountStatus.Active, request, store, cancellationToken);

    private static async Task<Results<Ok<AccountAnswer>, ProblemHttpResult>> SetStatusAsync(
        string id, AccountStatus status, HttpRequest request, AccountStore store, CancellationToken cancellationToken)
    {
        var (account, problem) = await FindAsync(id, request, store, cancellationToken);
        if (account is null)
        {
            return problem!;
        }

        account.Status = status;
        return await SavedAsync(account, store, cancellationToken);
    }

    private static async Task<Ok<AccountAnswer>> SavedAsync(CarrierAccount account, AccountStore store, CancellationToken cancellationToken)
    {
        await store.SaveAsync(account, cancellationToken);
        return TypedResults.Ok(await store.AnswerAsync(account));
    }

    private static async Task<(CarrierAccount? Account, ProblemHttpResult? Problem)> FindAsync(
        string id, HttpRequest request, AccountStore store, CancellationToken cancellationToken)
    {
        var parameters = new Parameters(request.Query);
        if (parameters.Number("id", id, 1, CarrierAccount.IdMax) is not { } number)
        {
            return (null, parameters.Problem());
        }

        return await store.FindAsync(number, cancellationToken) is { } account
            ? (account, null)
            : (null, TypedResults.Problem(
                statusCode: StatusCodes.Status404NotFound, title: "No such account", detail: $"There is no carrier account with the id {number}."));
    }
}
