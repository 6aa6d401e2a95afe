using Polling.AdminApi.OpenApi;
using Polling.Core.Alerts;

namespace Polling.AdminApi.Alerts;

/// <summary>Alert rules and history (operations contract, section 3); docs/alerts.md.</summary>
internal static class AlertsSetup
{
    public static void AddAlerts(this WebApplicationBuilder builder)
    {
        builder.Services.AddPollingAlerts().AddScoped<AlertRuleStore>();
        builder.Services.AddHostedService<SchedulerWatch>();
        builder.Services.AddHostedService<NoticeLoop>();
    }

    public static void MapAlerts(this IEndpointRouteBuilder app)
    {
        var rules = app.MapGroup("/api/admin/polling-alert-rules").WithTags("polling-alert-rules")
            .ProducesProblem(StatusCodes.Status400BadRequest);
        rules.MapGet("/", AlertRuleEndpoints.ListAsync)
            .WithSummary("Lists the alert rules in the order of their ids")
            .WithPages(AlertRuleEndpoints.PageMax, AlertRuleEndpoints.PageSizeMax)
            .WithTextQuery("is_enabled", "only those that are switched on, or off", "true", "false");
        rules.MapGet("/{id}", AlertRuleEndpoints.GetAsync).WithSummary("One alert rule").ProducesProblem(StatusCodes.Status404NotFound);
        rules.MapPost("/", AlertRuleEndpoints.CreateAsync)
            .WithSummary("Adds an alert rule; name, rule_type and threshold are needed. In force within 5 s")
            .WithJsonBody<AlertRuleChange>(required: ["name", "rule_type", "threshold"]);
        rules.MapPut("/{id}", AlertRuleEndpoints.UpdateAsync)
            .WithSummary("Changes the fields that are sent; the others keep their values. In force within 5 s")
            .WithJsonBody<AlertRuleChange>().ProducesProblem(StatusCodes.Status404NotFound);
        rules.MapDelete("/{id}", AlertRuleEndpoints.DeleteAsync)
            .WithSummary("Deletes an alert rule; its history stays").ProducesProblem(StatusCodes.Status404NotFound);
        rules.MapPost("/{id}/test", AlertRuleEndpoints.TestAsync)
            .WithSummary("Sends a test notice as an alert would be sent; the entry of history tells what becomes of it")
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);

        var history = app.MapGroup("/api/admin/polling-alert-history").WithTags("polling-alert-history")
            .ProducesProblem(StatusCodes.Status400BadRequest);
        history.MapGet("/", AlertHistoryEndpoints.ListAsync)
            .WithSummary("What fired, with its notices, the newest first")
            .WithPages(AlertHistoryEndpoints.PageMax, AlertHistoryEndpoints.PageSizeMax)
            .WithIntegerQuery("rule_id", "of this rule only, also when it was deleted")
            .WithTextQuery("state", "whether it fires still", "firing", "resolved");
        history.MapGet("/{id}", AlertHistoryEndpoints.GetAsync)
            .WithSummary("One entry with its notices").ProducesProblem(StatusCodes.Status404NotFound);
    }
}
