using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Polling.AdminApi.Http;
using Polling.Core.Packages;
using Polling.Core.Persistence;

namespace Polling.AdminApi.Packages;

internal static class PackageEndpoints
{
    public static async Task<Results<Ok<PackagePageAnswer>, ProblemHttpResult>> ListAsync(
        HttpRequest request, PollingDbContext context, CancellationToken cancellationToken)
    {
        var parameters = new Parameters(request.Query);
        var (page, size) = PackagePages.Read(parameters);
        var code = PackagePages.Code(parameters);
        if (!parameters.AreValid)
        {
            return parameters.Problem();
        }

        var packages = context.Packages.AsNoTracking().Where(p => code == null || p.Code == code);
        var items = await packages.OrderBy(p => p.Id).Skip((page - 1) * size).Take(size).ToListAsync(cancellationToken);
        return TypedResults.Ok(new PackagePageAnswer([.. items.Select(PackageAnswer.Of)], await packages.LongCountAsync(cancellationToken), page, size));
    }

    public static Task<Results<Ok<PackageAnswer>, ProblemHttpResult>> GetAsync(
        string id, HttpRequest request, PackageStore store, CancellationToken cancellationToken) =>
        OneAsync(id, request, store, (_, package) => Task.FromResult<ProblemHttpResult?>(null), cancellationToken);

    public static async Task<Results<Created<PackageAnswer>, ProblemHttpResult>> CreateAsync(
        HttpRequest request, PackageStore store, CancellationToken cancellationToken)
    {
        var parameters = new Parameters(request.Query);
        var package = await PackageFields.ReadNewPackageAsync(request, parameters, cancellationToken);
        return !parameters.AreValid ? parameters.Problem()
            : await store.CreateAsync(package, cancellationToken) ? TypedResults.Created($"/api/admin/packages/{package.Id}", PackageAnswer.Of(package))
            : PackagePages.Taken("package", package.Code);
    }

    public static Task<Results<Ok<PackageAnswer>, ProblemHttpResult>> ChangeAsync(
        string id, HttpRequest request, PackageStore store, CancellationToken cancellationToken) =>
        OneAsync(id, request, store, async (parameters, package) =>
        {
            await PackageFields.ApplyAsync(request, parameters, package, cancellationToken);
            if (!parameters.AreValid)
            {
                return parameters.Problem();
            }

            await store.SaveAsync(package, cancellationToken);
            return null;
        }, cancellationToken);

    public static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        string id, HttpRequest request, PackageStore store, CancellationToken cancellationToken)
    {
        var answer = await OneAsync(id, request, store, async (_, package) =>
            await store.DeleteAsync(package, cancellationToken) is { } reason ? PackagePages.InUse("package", reason) : null, cancellationToken);
        return answer.Result is ProblemHttpResult problem ? problem : TypedResults.NoContent();
    }

    // Finds it and acts on it; what speaks against that is the answer.
    private static async Task<Results<Ok<PackageAnswer>, ProblemHttpResult>> OneAsync(
        string id, HttpRequest request, PackageStore store, Func<Parameters, Package, Task<ProblemHttpResult?>> act, CancellationToken cancellationToken)
    {
        var parameters = new Parameters(request.Query);
        if (parameters.Number("id", id, 1, int.MaxValue) is not { } number)
        {
            return parameters.Problem();
        }

        return await store.FindPackageAsync(number, cancellationToken) is not { } package ? PackagePages.NotFound("package", number)
            : await act(parameters, package) is { } problem ? problem
            : TypedResults.Ok(PackageAnswer.Of(package));
    }
}
