using Polling.AdminApi.OpenApi;

namespace Polling.AdminApi.Quarantine;

/// <summary>Cards that failed by themselves again and again: look at them, release them.</summary>
internal static class QuarantineSetup
{
    public static void MapQuarantine(this IEndpointRouteBuilder app)
    {
        var quarantine = app.MapGroup("/api/admin/polling-quarantine").WithTags("polling-quarantine")
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        quarantine.MapGet("/", QuarantineEndpoints.CountAsync).WithSummary("How many cards are set aside, for each task type");
        quarantine.MapGet("/{task_type}", QuarantineEndpoints.ListAsync)
            .WithSummary("Cards that are set aside, those that have been there longest first, with what was said of them last")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .WithPages(QuarantineEndpoints.PageMax, QuarantineEndpoints.PageSizeMax);
        quarantine.MapPost("/{task_type}/release", QuarantineEndpoints.ReleaseAsync)
            .WithSummary("Releases cards: they are due at once, and counted from nothing")
            .WithJsonBody<ReleaseRequest>();
    }
}
