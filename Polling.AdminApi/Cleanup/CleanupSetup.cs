using Polling.AdminApi.OpenApi;

namespace Polling.AdminApi.Cleanup;

/// <summary>Data clean-up (operations contract, section 5); docs/cleanup.md.</summary>
internal static class CleanupSetup
{
    public static void MapCleanup(this IEndpointRouteBuilder app)
    {
        var configs = app.MapGroup("/api/admin/data-cleanup-configs").WithTags("data-cleanup-configs")
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        configs.MapGet("/", CleanupConfigEndpoints.ListAsync).WithSummary("How long each kind of data is kept");
        configs.MapPost("/", CleanupConfigEndpoints.CreateAsync).WithSummary("Adds a configuration; name, dataset and retention_days are needed")
            .WithJsonBody<CleanupConfigChange>(required: ["name", "dataset", "retention_days"]);
        One(configs.MapGet("/{id}", CleanupConfigEndpoints.GetAsync), "One configuration");
        One(configs.MapPut("/{id}", CleanupConfigEndpoints.UpdateAsync), "Changes the fields that are sent; a run under way heeds it before its next batch")
            .WithJsonBody<CleanupConfigChange>();
        One(configs.MapDelete("/{id}", CleanupConfigEndpoints.DeleteAsync), "Deletes a configuration: its data is kept then");

        var cleanup = app.MapGroup("/api/admin/data-cleanup").WithTags("data-cleanup").ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        cleanup.MapGet("/preview", CleanupEndpoints.PreviewAsync).WithSummary("What a run would remove now, counted exactly");
        cleanup.MapPost("/trigger", CleanupEndpoints.TriggerAsync)
            .WithSummary("Asks for a run; without a body by all configurations that are switched on, else by those in config_ids")
            .WithJsonBody<CleanupRequest>(isRequired: false).ProducesProblem(StatusCodes.Status409Conflict);
        cleanup.MapGet("/progress", CleanupEndpoints.ProgressAsync).WithSummary("The run that is under way, or the last one");
        cleanup.MapPost("/cancel", CleanupEndpoints.CancelAsync).WithSummary("Ends the run that is under way, after its present batch")
            .ProducesProblem(StatusCodes.Status409Conflict);
        cleanup.MapGet("/runs", CleanupEndpoints.ListAsync).WithSummary("All runs, the newest first")
            .WithPages(CleanupEndpoints.PageMax, CleanupEndpoints.PageSizeMax)
            .ProducesProblem(StatusCodes.Status400BadRequest);
    }

    private static RouteHandlerBuilder One(RouteHandlerBuilder endpoint, string summary) => endpoint
        .WithSummary(summary)
        .ProducesProblem(StatusCodes.Status400BadRequest)
        .ProducesProblem(StatusCodes.Status404NotFound);
}
