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

    public static async Task<Results<Created<AccountAnswer>, ProblemHttpResult>> CreateAsync(
        HttpRequest request, AccountStore store, CancellationToken cancellationToken)
    {
        var parameters = new Parameters(request.Query);
        var body = await AccountFields.ReadNewAsync(request, parameters, cancellationToken);
        var account = new CarrierAccount { Code = "", Name = "", CallsPerSecond = 1, CardsPerCall = 1, MaxInFlight = 1 };
        AccountFields.ApplyNew(body, account);
        AccountFields.Apply(body, parameters, account);
        if (parameters.AreValid)
        {
            await store.CheckNewAsync(account, parameters, cancellationToken);
        }

        return !parameters.AreValid ? parameters.Problem()
            : await store.CreateAsync(account, cancellationToken)
                ? TypedResults.Created($"/api/admin/carrier-accounts/{account.Id}", await store.AnswerAsync(account))
                : TypedResults.Problem(
                    statusCode: StatusCodes.Status409Conflict, title: "The account cannot be made",
                    detail: $"Another account took the code {account.Code} meanwhile, or {CarrierAccount.IdMax} accounts, as many as there can be, have been made.");
    }

    public static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        string id, HttpRequest request, AccountStore store, CancellationToken cancellationToken)
    {
        var (account, problem) = await FindAsync(id, request, store, cancellationToken);
        return account is null ? problem!
            : await store.DeleteAsync(account, cancellationToken) ? TypedResults.NoContent()
            : TypedResults.Problem(
                statusCode: StatusCodes.Status409Conflict, title: "The account is in use",
                detail: $"Cards or usage pools belong to the carrier account {account.Code}: move its cards to another by an import and delete its pools, or pause the account.");
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
