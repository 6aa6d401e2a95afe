using Polling.AdminApi.OpenApi;

namespace Polling.AdminApi.AuditLog;

/// <summary>Who changed what: every change through the API, with what was before and is since.</summary>
internal static class AuditLogSetup
{
    public static void AddAuditLog(this WebApplicationBuilder builder) => builder.Services.AddHttpContextAccessor().AddScoped<AuditTrail>();

    public static void MapAuditLog(this IEndpointRouteBuilder app) => app.MapGroup("/api/admin/audit-log").WithTags("audit-log")
        .MapGet("/", AuditLogEndpoints.ListAsync)
        .WithSummary("Every change that was made through the API, the newest first")
        .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status503ServiceUnavailable)
        .WithTextQuery("caller", "the name of an API key")
        .WithTextQuery("action", "create, update, delete, trigger, cancel, reset, release, import or test")
        .WithTextQuery("subject", "such as polling_config")
        .WithTextQuery("subject_id", "which one; needs subject")
        .WithTimeQuery("from", "a time with its offset, such as 2026-11-24T08:00:00+08:00 (in a URL + is %2B)")
        .WithTimeQuery("to", "only before that time")
        .WithIntegerQuery("before_id", "only entries with a lower id: next_before_id of the page before", 1, long.MaxValue)
        .WithIntegerQuery("page_size", "entries of a page", 1, AuditLogEndpoints.PageSizeMax, 50);
}
