using Polling.AdminApi.OpenApi;
using Polling.Core.Queue;
using Polling.Core.Statistics;
using Polling.Core.Statistics.Windows;

namespace Polling.AdminApi.Statistics;

/// <summary>The contract's monitoring endpoints (operations contract, section 1).</summary>
internal static class StatisticsSetup
{
    public static void AddStatistics(this WebApplicationBuilder builder)
    {
        builder.Services.AddPollingQueue();
        builder.Services.AddSingleton<PollingStatisticsReader>();
        builder.Services.AddSingleton<AccountQueueReader>();
        builder.Services.AddSingleton<WindowCache>();
        builder.Services.AddHostedService(services => services.GetRequiredService<WindowCache>());
        builder.Services.AddScoped<AccountStatistics>();
    }

    public static void MapStatistics(this IEndpointRouteBuilder app)
    {
        var statistics = app.MapGroup("/api/admin/polling-stats").WithTags("polling-stats")
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        statistics.MapGet("/", StatisticsEndpoints.OverviewAsync).WithSummary("Queues, tasks, permits and initialisation at a glance");
        statistics.MapGet("/queues", StatisticsEndpoints.QueuesAsync).WithSummary("Queue lengths and what is due, for each task type");
        statistics.MapGet("/tasks", StatisticsEndpoints.TasksAsync).WithSummary("Success rate, duration and permits in use, for each task type");
        statistics.MapGet("/accounts", StatisticsEndpoints.AccountsAsync)
            .WithSummary("What waits for each account and why, and what happened to its cards in a window")
            .WithTaskTypeQuery()
            .WithTextQuery("window", "of what happened; default: 1h", StatisticsWindows.Names.Split(", "))
            .WithPages(StatisticsEndpoints.PageMax, StatisticsEndpoints.PageSizeMax, 50)
            .ProducesProblem(StatusCodes.Status400BadRequest);
        statistics.MapGet("/init-progress", StatisticsEndpoints.InitialisationAsync).WithSummary("How far the initialisation has come");
    }
}
