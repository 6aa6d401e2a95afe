using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Polling.AdminApi.AuditLog;
using Polling.AdminApi.Http;
using Polling.Core.Cleanup;
using Polling.Core.Persistence;
using Polling.Core.Persistence.Cleanup;

namespace Polling.AdminApi.Cleanup;

internal static class CleanupEndpoints
{
    public const int PageSizeMax = 100;
    public const int PageMax = 100_000;
    public const int ConfigsMax = 100;
    private const string Subject = "data_cleanup_run";
    private const string ConfigIds = "config_ids";

    public static async Task<Ok<CleanupPreviewAnswer>> PreviewAsync(
        PollingDbContext context, CleanupPreview preview, TimeProvider clock, CancellationToken cancellationToken)
    {
        var items = new List<CleanupPreviewItem>();
        foreach (var config in await UsableAsync(context, null, cancellationToken))
        {
            var cutoff = clock.SaveTime().AddDays(-config.RetentionDays);
            var count = await preview.CountAsync(CleanupDataset.Find(config.Dataset)!, cutoff, cancellationToken);
            items.Add(new CleanupPreviewItem(config.Id, config.Dataset, config.RetentionDays, cutoff, count.Rows, count.Partitions, count.PartitionRows));
        }

        return TypedResults.Ok(new CleanupPreviewAnswer(items, items.Sum(item => item.Rows)));
    }

    public static async Task<Results<Accepted<CleanupRunAnswer>, ProblemHttpResult>> TriggerAsync(
        HttpRequest request, PollingDbContext context, AuditTrail audit, TimeProvider clock, CancellationToken cancellationToken)
    {
        var parameters = new Parameters(request.Query);
        var ids = await IdsAsync(request, parameters, cancellationToken);
        if (!parameters.AreValid)
        {
            return parameters.Problem();
        }

        var configs = await UsableAsync(context, ids, cancellationToken);
        if (ids is not null && ids.Except(configs.Select(config => (long)config.Id)).ToArray() is { Length: > 0 } unknown)
        {
            parameters.Refuse(ConfigIds, string.Join(", ", unknown), "ids of configurations that are switched on and without problems");
            return parameters.Problem();
        }

        if (configs.Count == 0)
        {
            return TypedResults.Problem(
                statusCode: StatusCodes.Status409Conflict, title: "There is nothing to clean up", detail: "No clean-up configuration is switched on.");
        }

        var run = await audit.RunAsync(
            new AuditedOperation("trigger", Subject, null, new { ConfigIds = configs.Select(config => config.Id) }),
            () => CleanupRuns.RequestAsync(context, configs, isScheduled: false, clock.SaveTime(), cancellationToken),
            made => new AuditedResult(new { IsAccepted = made is not null }, made is null ? null : $"{made.Id}"), cancellationToken);
        return run is not null
            ? TypedResults.Accepted("/api/admin/data-cleanup/progress", CleanupRunAnswer.Of(run))
            : TypedResults.Problem(
                statusCode: StatusCodes.Status409Conflict, title: "A clean-up is under way",
                detail: "Only one runs at a time; GET /api/admin/data-cleanup/progress shows it, POST /api/admin/data-cleanup/cancel ends it.");
    }

    public static async Task<Ok<CleanupRunAnswer>> ProgressAsync(PollingDbContext context, CancellationToken cancellationToken) =>
        TypedResults.Ok(await Runs(context).FirstOrDefaultAsync(cancellationToken) is { } run ? CleanupRunAnswer.Of(run) : CleanupRunAnswer.None);

    public static async Task<Results<Ok<CleanupRunAnswer>, ProblemHttpResult>> CancelAsync(
        PollingDbContext context, AuditTrail audit, TimeProvider clock, CancellationToken cancellationToken)
    {
        var run = await context.CleanupRuns.Include(r => r.Steps).SingleOrDefaultAsync(r => r.FinishedAt == null, cancellationToken);
        if (run is null)
        {
            return TypedResults.Problem(
                statusCode: StatusCodes.Status409Conflict, title: "No clean-up is under way", detail: "There is nothing to cancel.");
        }

        run.CancelRequestedAt ??= clock.SaveTime();
        await audit.SaveChangesAsync(cancellationToken);
        return TypedResults.Ok(CleanupRunAnswer.Of(run));
    }

    public static async Task<Results<Ok<CleanupRunPageAnswer>, ProblemHttpResult>> ListAsync(
        HttpRequest request, PollingDbContext context, CancellationToken cancellationToken)
    {
        var parameters = new Parameters(request.Query);
        var page = parameters.Number("page", 1, PageMax) ?? 1;
        var size = parameters.Number("page_size", 1, PageSizeMax) ?? 20;
        if (!parameters.AreValid)
        {
            return parameters.Problem();
        }

        var total = await context.CleanupRuns.LongCountAsync(cancellationToken);
        var runs = await Runs(context).Skip((page - 1) * size).Take(size).ToListAsync(cancellationToken);
        return TypedResults.Ok(new CleanupRunPageAnswer([.. runs.Select(CleanupRunAnswer.Of)], total, page, size));
    }

    private static IQueryable<CleanupRun> Runs(PollingDbContext context) =>
        context.CleanupRuns.AsNoTracking().Include(run => run.Steps).OrderByDescending(run => run.Id);

    // Without a body: all of them.
    private static async Task<IReadOnlyList<long>?> IdsAsync(HttpRequest request, Parameters parameters, CancellationToken cancellationToken)
    {
        if (request.ContentLength is 0 or null && request.ContentType is null)
        {
            return null;
        }

        IReadOnlyList<long>? ids = null;
        var body = await JsonBody.ReadAsync(request, parameters, [], [ConfigIds], cancellationToken);
        body.Numbers(ConfigIds, 1, int.MaxValue, ConfigsMax, numbers => ids = numbers);
        return ids;
    }

    private static async Task<IReadOnlyList<CleanupConfig>> UsableAsync(
        PollingDbContext context, IReadOnlyList<long>? ids, CancellationToken cancellationToken)
    {
        var configs = await context.CleanupConfigs.AsNoTracking().Where(config => config.IsEnabled).OrderBy(config => config.Id).ToArrayAsync(cancellationToken);
        return [.. configs.Where(config => CleanupConfigCheck.Check(config).Count == 0 && (ids is null || ids.Contains(config.Id)))];
    }
}
