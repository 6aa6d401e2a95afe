using Microsoft.AspNetCore.Http.HttpResults;
using Polling.AdminApi.AuditLog;
using Polling.AdminApi.Http;
using Polling.Core.Alerts.Rules;
using Polling.Core.Alerts.Webhooks;
using Polling.Core.Persistence.Alerts;

namespace Polling.AdminApi.Alerts;

internal static class AlertRuleEndpoints
{
    public const int PageSizeMax = 1000;
    public const int PageMax = 100_000;

    public static async Task<Results<Ok<AlertRulePageAnswer>, ProblemHttpResult>> ListAsync(
        HttpRequest request, AlertRuleStore store, CancellationToken cancellationToken)
    {
        var parameters = new Parameters(request.Query);
        var enabled = parameters.Text("is_enabled", text => text is "true" or "false" ? text : null, "true or false");
        var page = parameters.Number("page", 1, PageMax) ?? 1;
        var size = parameters.Number("page_size", 1, PageSizeMax) ?? 20;
        return parameters.AreValid
            ? TypedResults.Ok(await store.ListAsync(enabled is null ? null : enabled == "true", page, size, cancellationToken))
            : parameters.Problem();
    }

    public static async Task<Results<Ok<AlertRuleAnswer>, ProblemHttpResult>> GetAsync(
        string id, HttpRequest request, AlertRuleStore store, CancellationToken cancellationToken)
    {
        var parameters = new Parameters(request.Query);
        return parameters.Number("id", id, 1, int.MaxValue) is not { } number ? parameters.Problem()
            : await store.FindAsync(number, cancellationToken) is { } rule ? TypedResults.Ok(AlertRuleAnswer.Of(rule))
            : NotFound(number);
    }

    public static async Task<Results<Created<AlertRuleAnswer>, ProblemHttpResult>> CreateAsync(
        HttpRequest request, AlertRuleStore store, WebhookAddresses addresses, CancellationToken cancellationToken)
    {
        var parameters = new Parameters(request.Query);
        var body = await AlertRuleFields.ReadAsync(request, parameters, cancellationToken);
        var rule = AlertRuleFields.New(body);
        if (await RefuseAsync(rule, body, parameters, store, addresses, cancellationToken) is { } problem)
        {
            return problem;
        }

        await store.SaveAsync(rule, cancellationToken);
        return TypedResults.Created($"/api/admin/polling-alert-rules/{rule.Id}", AlertRuleAnswer.Of(rule));
    }

    public static async Task<Results<Ok<AlertRuleAnswer>, ProblemHttpResult>> UpdateAsync(
        string id, HttpRequest request, AlertRuleStore store, WebhookAddresses addresses, CancellationToken cancellationToken)
    {
        var parameters = new Parameters(request.Query);
        if (parameters.Number("id", id, 1, int.MaxValue) is not { } number)
        {
            return parameters.Problem();
        }

        var body = await AlertRuleFields.ReadAsync(request, parameters, cancellationToken);
        if (await store.FindAsync(number, cancellationToken) is not { } rule)
        {
            return NotFound(number);
        }

        return await RefuseAsync(rule, body, parameters, store, addresses, cancellationToken) is { } problem ? problem
            : await store.SaveAsync(rule, cancellationToken) ? TypedResults.Ok(AlertRuleAnswer.Of(rule))
            : NotFound(number);
    }

    public static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        string id, HttpRequest request, AlertRuleStore store, CancellationToken cancellationToken)
    {
        var parameters = new Parameters(request.Query);
        return parameters.Number("id", id, 1, int.MaxValue) is not { } number ? parameters.Problem()
            : await store.DeleteAsync(number, cancellationToken) ? TypedResults.NoContent()
            : NotFound(number);
    }

    public static async Task<Results<Accepted<AlertTestAnswer>, ProblemHttpResult>> TestAsync(
        string id, HttpRequest request, AlertRuleStore store, AlertOutbox outbox, AuditTrail audit, CancellationToken cancellationToken)
    {
        var parameters = new Parameters(request.Query);
        if (parameters.Number("id", id, 1, int.MaxValue) is not { } number)
        {
            return parameters.Problem();
        }

        if (await store.FindAsync(number, cancellationToken) is not { } rule)
        {
            return NotFound(number);
        }

        if (!rule.NotifiesWebhook || AlertRuleCheck.Check(rule).Count > 0)
        {
            return TypedResults.Problem(
                statusCode: StatusCodes.Status409Conflict, title: "The rule notifies nobody",
                detail: rule.NotifiesWebhook
                    ? $"Alert rule {number} has mistakes, see its problems."
                    : $"Alert rule {number} needs a webhook_url, and \"webhook\" among its notify_channels.");
        }

        var history = await audit.RunAsync(
            new AuditedOperation("test", "polling_alert_rule", $"{number}", null), () => outbox.QueueTestAsync(rule, cancellationToken),
            entry => new AuditedResult(new { HistoryId = entry }), cancellationToken);
        return TypedResults.Accepted($"/api/admin/polling-alert-history/{history}", new AlertTestAnswer(history));
    }

    // Applies the body; what speaks against saving the result, or null.
    private static async Task<ProblemHttpResult?> RefuseAsync(
        AlertRule rule, JsonBody body, Parameters parameters, AlertRuleStore store, WebhookAddresses addresses, CancellationToken cancellationToken)
    {
        AlertRuleFields.Apply(body, parameters, rule, addresses);
        if (parameters.AreValid && body.Has("account_id"))
        {
            await store.CheckAccountAsync(rule, parameters, cancellationToken);
        }

        return parameters.AreValid ? null : parameters.Problem();
    }

    private static ProblemHttpResult NotFound(int id) => TypedResults.Problem(
        statusCode: StatusCodes.Status404NotFound, title: "No such rule", detail: $"There is no alert rule with the id {id}.");
}
