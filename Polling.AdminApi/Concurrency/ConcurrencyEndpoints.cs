using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Polling.AdminApi.Http;
using Polling.Core.Configuration;

namespace Polling.AdminApi.Concurrency;

internal static class ConcurrencyEndpoints
{
    private const string TaskTypeField = "task_type";
    private const string LimitField = "max_concurrency";
    private static readonly string[] ReadOnly = [TaskTypeField, "in_force", "current", "available", "use_percent", "updated_at", "problems"];

    public static async Task<Ok<ConcurrencyListAnswer>> ListAsync(ConcurrencyLimits limits, CancellationToken cancellationToken) =>
        TypedResults.Ok(await limits.ListAsync(cancellationToken));

    public static async Task<Results<Ok<ConcurrencyAnswer>, ProblemHttpResult>> GetAsync(
        [FromRoute(Name = "task_type")] string taskType, HttpRequest request, ConcurrencyLimits limits, CancellationToken cancellationToken)
    {
        var parameters = new Parameters(request.Query);
        return parameters.TaskType(TaskTypeField, taskType) is { } type
            ? TypedResults.Ok(await limits.GetAsync(type, cancellationToken))
            : parameters.Problem();
    }

    public static async Task<Results<Ok<ConcurrencyAnswer>, ProblemHttpResult>> ChangeAsync(
        [FromRoute(Name = "task_type")] string taskType, HttpRequest request, ConcurrencyLimits limits, CancellationToken cancellationToken)
    {
        var parameters = new Parameters(request.Query);
        var type = parameters.TaskType(TaskTypeField, taskType);
        var body = await JsonBody.ReadAsync(request, parameters, ReadOnly, [LimitField], cancellationToken);
        var limit = 0;
        body.Require(LimitField, $"an integer from 1 to {ConcurrencyConfig.MaxConcurrencyMax}");
        body.Number(LimitField, 1, ConcurrencyConfig.MaxConcurrencyMax, number => limit = number);
        return parameters.AreValid ? TypedResults.Ok(await limits.ChangeAsync(type!.Value, limit, cancellationToken)) : parameters.Problem();
    }

    public static async Task<Results<Ok<ConcurrencyResetAnswer>, ProblemHttpResult>> ResetAsync(
        HttpRequest request, ConcurrencyLimits limits, CancellationToken cancellationToken)
    {
        var parameters = new Parameters(request.Query);
        var body = await JsonBody.ReadAsync(request, parameters, [], [TaskTypeField], cancellationToken);
        TaskType? type = null;
        body.Require(TaskTypeField, $"one of {TaskTypes.Names}");
        body.Text(TaskTypeField, $"one of {TaskTypes.Names}", text => TaskTypes.TryParse(text, out type));
        return parameters.AreValid ? TypedResults.Ok(await limits.ResetAsync(type!.Value, cancellationToken)) : parameters.Problem();
    }
}
