using Polling.AdminApi.OpenApi;

namespace Polling.AdminApi.Concurrency;

/// <summary>Permits: how many gateway calls of a task type may run at once (operations contract, section 4).</summary>
internal static class ConcurrencySetup
{
    public static void AddConcurrency(this WebApplicationBuilder builder) => builder.Services.AddScoped<ConcurrencyLimits>();

    public static void MapConcurrency(this IEndpointRouteBuilder app)
    {
        var concurrency = app.MapGroup("/api/admin/polling-concurrency").WithTags("polling-concurrency")
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        concurrency.MapGet("/", ConcurrencyEndpoints.ListAsync).WithSummary("Limit and use of permits of each task type");
        concurrency.MapGet("/{task_type}", ConcurrencyEndpoints.GetAsync)
            .WithSummary("Limit and use of permits of one task type")
            .ProducesProblem(StatusCodes.Status400BadRequest);
        concurrency.MapPut("/{task_type}", ConcurrencyEndpoints.ChangeAsync)
            .WithSummary("Changes the limit; in force at once. Calls that run over a lowered limit end by themselves")
            .WithJsonBody<ConcurrencyChange>();
        concurrency.MapPost("/reset", ConcurrencyEndpoints.ResetAsync)
            .WithSummary("Drops permits that no running call holds, and makes the count of held ones true")
            .WithJsonBody<ConcurrencyResetRequest>();
    }
}
