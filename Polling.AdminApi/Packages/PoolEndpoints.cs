using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Polling.AdminApi.Http;
using Polling.Core.Carriers;
using Polling.Core.Packages;
using Polling.Core.Persistence;

namespace Polling.AdminApi.Packages;

internal static class PoolEndpoints
{
    public static async Task<Results<Ok<PoolPageAnswer>, ProblemHttpResult>> ListAsync(
        HttpRequest request, PollingDbContext context, CancellationToken cancellationToken)
    {
        var parameters = new Parameters(request.Query);
        var (page, size) = PackagePages.Read(parameters);
        var code = PackagePages.Code(parameters);
        var account = parameters.Number("account_id", 1, CarrierAccount.IdMax);
        if (!parameters.AreValid)
        {
            return parameters.Problem();
        }

        var pools = context.UsagePools.AsNoTracking().Where(p => (code == null || p.Code == code) && (account == null || p.AccountId == account));
        var items = await pools.OrderBy(p => p.Id).Skip((page - 1) * size).Take(size).ToListAsync(cancellationToken);
        return TypedResults.Ok(new PoolPageAnswer([.. items.Select(PoolAnswer.Of)], await pools.LongCountAsync(cancellationToken), page, size));
    }

    public static Task<Results<Ok<PoolAnswer>, ProblemHttpResult>> GetAsync(
        string id, HttpRequest request, PackageStore store, CancellationToken cancellationToken) =>
        OneAsync(id, request, store, (_, pool) => Task.FromResult<ProblemHttpResult?>(null), cancellationToken);

    public static async Task<Results<Created<PoolAnswer>, ProblemHttpResult>> CreateAsync(
        HttpRequest request, PackageStore store, PollingDbContext context, CancellationToken cancellationToken)
    {
        var parameters = new Parameters(request.Query);
        var pool = await PackageFields.ReadNewPoolAsync(request, parameters, cancellationToken);
        var hasAccount = parameters.AreValid && await context.CarrierAccounts.AnyAsync(account => account.Id == pool.AccountId, cancellationToken);
        var isCreated = hasAccount ? await store.CreateAsync(pool, cancellationToken) : null;
        if (parameters.AreValid && isCreated is null)
        {
            parameters.Refuse("account_id", $"{pool.AccountId}", "the id of a carrier account (GET /api/admin/carrier-accounts)");
        }

        return !parameters.AreValid ? parameters.Problem()
            : isCreated == true ? TypedResults.Created($"/api/admin/usage-pools/{pool.Id}", PoolAnswer.Of(pool))
            : PackagePages.Taken("pool", pool.Code);
    }

    public static Task<Results<Ok<PoolAnswer>, ProblemHttpResult>> ChangeAsync(
        string id, HttpRequest request, PackageStore store, CancellationToken cancellationToken) =>
        OneAsync(id, request, store, async (parameters, pool) =>
        {
            await PackageFields.ApplyAsync(request, parameters, pool, cancellationToken);
            if (!parameters.AreValid)
            {
                return parameters.Problem();
            }

            await store.SaveAsync(pool, cancellationToken);
            return null;
        }, cancellationToken);

    public static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        string id, HttpRequest request, PackageStore store, CancellationToken cancellationToken)
    {
        var answer = await OneAsync(id, request, store, async (_, pool) =>
            await store.DeleteAsync(pool, cancellationToken) is { } reason ? PackagePages.InUse("pool", reason) : null, cancellationToken);
        return answer.Result is ProblemHttpResult problem ? problem : TypedResults.NoContent();
    }

    private static async Task<Results<Ok<PoolAnswer>, ProblemHttpResult>> OneAsync(
        string id, HttpRequest request, PackageStore store, Func<Parameters, UsagePool, Task<ProblemHttpResult?>> act, CancellationToken cancellationToken)
    {
        var parameters = new Parameters(request.Query);
        if (parameters.Number("id", id, 1, int.MaxValue) is not { } number)
        {
            return parameters.Problem();
        }

        return await store.FindPoolAsync(number, cancellationToken) is not { } pool ? PackagePages.NotFound("pool", number)
            : await act(parameters, pool) is { } problem ? problem
            : TypedResults.Ok(PoolAnswer.Of(pool));
    }
}
