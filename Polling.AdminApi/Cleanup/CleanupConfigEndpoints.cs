using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Polling.AdminApi.AuditLog;
using Polling.AdminApi.Http;
using Polling.Core.Cleanup;
using Polling.Core.Persistence;

namespace Polling.AdminApi.Cleanup;

internal static class CleanupConfigEndpoints
{
    public static async Task<Ok<CleanupConfigListAnswer>> ListAsync(PollingDbContext context, TimeProvider clock, CancellationToken cancellationToken)
    {
        var configs = await context.CleanupConfigs.AsNoTracking().OrderBy(config => config.Id).ToArrayAsync(cancellationToken);
        return TypedResults.Ok(new CleanupConfigListAnswer(
            Array.ConvertAll(configs, config => CleanupConfigAnswer.Of(config, clock.GetUtcNow())), configs.Length));
    }

    public static async Task<Results<Ok<CleanupConfigAnswer>, ProblemHttpResult>> GetAsync(
        string id, HttpRequest request, PollingDbContext context, TimeProvider clock, CancellationToken cancellationToken)
    {
        var (config, problem) = await FindAsync(id, request, context, cancellationToken);
        return config is null ? problem! : TypedResults.Ok(CleanupConfigAnswer.Of(config, clock.GetUtcNow()));
    }

    public static async Task<Results<Created<CleanupConfigAnswer>, ProblemHttpResult>> CreateAsync(
        HttpRequest request, PollingDbContext context, AuditTrail audit, TimeProvider clock, CancellationToken cancellationToken)
    {
        var parameters = new Parameters(request.Query);
        var now = clock.SaveTime();
        var config = new CleanupConfig { Name = "", Dataset = "", CreatedAt = now, UpdatedAt = now };
        await CleanupFields.ApplyAsync(request, parameters, config, isNew: true, cancellationToken);
        if (!parameters.AreValid)
        {
            return parameters.Problem();
        }

        context.CleanupConfigs.Add(config);
        await audit.SaveChangesAsync(cancellationToken);
        return TypedResults.Created($"/api/admin/data-cleanup-configs/{config.Id}", CleanupConfigAnswer.Of(config, now));
    }

    public static async Task<Results<Ok<CleanupConfigAnswer>, ProblemHttpResult>> UpdateAsync(
        string id, HttpRequest request, PollingDbContext context, AuditTrail audit, TimeProvider clock, CancellationToken cancellationToken)
    {
        var (config, problem) = await FindAsync(id, request, context, cancellationToken);
        if (config is null)
        {
            return problem!;
        }

        var parameters = new Parameters(request.Query);
        await CleanupFields.ApplyAsync(request, parameters, config, isNew: false, cancellationToken);
        if (!parameters.AreValid)
        {
            return parameters.Problem();
        }

        if (context.ChangeTracker.HasChanges())
        {
            config.UpdatedAt = clock.SaveTime();
            await audit.SaveChangesAsync(cancellationToken);
        }

        return TypedResults.Ok(CleanupConfigAnswer.Of(config, clock.GetUtcNow()));
    }

    public static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        string id, HttpRequest request, PollingDbContext context, AuditTrail audit, CancellationToken cancellationToken)
    {
        var (config, problem) = await FindAsync(id, request, context, cancellationToken);
        if (config is null)
        {
            return problem!;
        }

        context.CleanupConfigs.Remove(config);
        await audit.SaveChangesAsync(cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<(CleanupConfig? Config, ProblemHttpResult? Problem)> FindAsync(
        string id, HttpRequest request, PollingDbContext context, CancellationToken cancellationToken)
    {
        var parameters = new Parameters(request.Query);
        if (parameters.Number("id", id, 1, int.MaxValue) is not { } number)
        {
            return (null, parameters.Problem());
        }

        return await context.CleanupConfigs.SingleOrDefaultAsync(config => config.Id == number, cancellationToken) is { } config
            ? (config, null)
            : (null, TypedResults.Problem(
                statusCode: StatusCodes.Status404NotFound, title: "No such configuration", detail: $"There is no clean-up configuration with the id {number}."));
    }
}
