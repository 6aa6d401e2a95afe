using Microsoft.AspNetCore.Http.HttpResults;
using Polling.AdminApi.Http;
using Polling.Core.Capacity;
using Polling.Core.Configuration;

namespace Polling.AdminApi.Configurations;

internal static class ConfigurationEndpoints
{
    public const int PageSizeMax = 1000;
    public const int PageMax = 100_000;

    public static async Task<Results<Ok<ConfigurationPageAnswer>, ProblemHttpResult>> ListAsync(
        HttpRequest request, ConfigurationStore store, CancellationToken cancellationToken)
    {
        var parameters = new Parameters(request.Query);
        var filter = new ConfigurationFilter(
            parameters.TaskType("task_type"), (ConfigStatus?)parameters.Number<short>("status", 0, 1),
            parameters.Number("page", 1, PageMax) ?? 1, parameters.Number("page_size", 1, PageSizeMax) ?? 20);
        return parameters.AreValid ? TypedResults.Ok(await store.ListAsync(filter, cancellationToken)) : parameters.Problem();
    }

    public static async Task<Results<Ok<ConfigurationAnswer>, ProblemHttpResult>> GetAsync(
        string id, HttpRequest request, ConfigurationStore store, CancellationToken cancellationToken)
    {
        var parameters = new Parameters(request.Query);
        return parameters.Number("id", id, 1, int.MaxValue) is not { } number ? parameters.Problem()
            : await store.FindAsync(number, cancellationToken) is { } config ? TypedResults.Ok(ConfigurationAnswer.Of(config))
            : NotFound(number);
    }

    public static async Task<Results<Created<ConfigurationAnswer>, ProblemHttpResult>> CreateAsync(
        HttpRequest request, ConfigurationStore store, CancellationToken cancellationToken)
    {
        var parameters = new Parameters(request.Query);
        var body = await ConfigurationFields.ReadAsync(request, parameters, cancellationToken);
        var config = new PollingConfig { Name = "", TaskType = TaskType.Realname };
        ConfigurationFields.RequireAll(body);
        if (await RefuseAsync(config, body, parameters, store, cancellationToken) is { } problem)
        {
            return problem;
        }

        await store.SaveAsync(config, cancellationToken);
        return TypedResults.Created($"/api/admin/polling-configs/{config.Id}", ConfigurationAnswer.Of(config));
    }

    public static async Task<Results<Ok<ConfigurationAnswer>, ProblemHttpResult>> UpdateAsync(
        string id, HttpRequest request, ConfigurationStore store, CancellationToken cancellationToken)
    {
        var parameters = new Parameters(request.Query);
        if (parameters.Number("id", id, 1, int.MaxValue) is not { } number)
        {
            return parameters.Problem();
        }

        var body = await ConfigurationFields.ReadAsync(request, parameters, cancellationToken);
        if (await store.FindAsync(number, cancellationToken) is not { } config)
        {
            return NotFound(number);
        }

        return await RefuseAsync(config, body, parameters, store, cancellationToken) is { } problem ? problem
            : await store.SaveAsync(config, cancellationToken) ? TypedResults.Ok(ConfigurationAnswer.Of(config))
            : NotFound(number);
    }

    public static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        string id, HttpRequest request, ConfigurationStore store, CancellationToken cancellationToken)
    {
        var parameters = new Parameters(request.Query);
        var force = parameters.Flag("force");
        if (parameters.Number("id", id, 1, int.MaxValue) is not { } number || !parameters.AreValid)
        {
            return parameters.Problem();
        }

        return await store.FindAsync(number, cancellationToken) is not { } config ? NotFound(number)
            : !force && await store.FindMisfitsAsync(config, isDeleted: true, cancellationToken) is { Count: > 0 } misfits ? Misfit(config, misfits)
            : await store.DeleteAsync(config, cancellationToken) ? TypedResults.NoContent()
            : NotFound(number);
    }

    // Applies the body; what speaks against saving the result, or null.
    private static async Task<ProblemHttpResult?> RefuseAsync(
        PollingConfig config, JsonBody body, Parameters parameters, ConfigurationStore store, CancellationToken cancellationToken)
    {
        var force = parameters.Flag("force");
        ConfigurationFields.Apply(body, parameters, config);
        if (parameters.AreValid && ConfigurationFields.NamesAccounts(body))
        {
            await store.CheckAccountsAsync(config, parameters, cancellationToken);
        }

        if (!parameters.AreValid)
        {
            return parameters.Problem();
        }

        if (force || !ConfigurationFields.MayNeedCalls(body))
        {
            return null;
        }

        var misfits = await store.FindMisfitsAsync(config, isDeleted: false, cancellationToken);
        return misfits.Count == 0 ? null : Misfit(config, misfits);
    }

    private static ProblemHttpResult Misfit(PollingConfig config, IReadOnlyList<QuotaMisfit> misfits)
    {
        // One mistake for each configuration whose interval is too short then: the changed one, or one that would rule in its place.
        var errors = misfits.GroupBy(misfit => misfit.Cause.Id).Select(cause =>
        {
            long? fits = cause.Any(misfit => misfit.IntervalSecondsMin is null) ? null : cause.Max(misfit => misfit.IntervalSecondsMin);
            var rule = fits is { } interval ? $"at least {interval} to fit the quota of every account" : "nothing: no interval fits beside the other configurations";
            return new ParameterError(
                "interval_seconds", $"{cause.First().Cause.IntervalSeconds}", cause.Key == config.Id ? rule : $"{rule}, in configuration {cause.Key}, which would apply then");
        });
        return TypedResults.Problem(
            statusCode: StatusCodes.Status422UnprocessableEntity,
            title: "The calls do not fit the quota",
            detail: string.Join("; ", misfits.Select(misfit => misfit.MessageFor(config.Id))) + ". Add ?force=true to do it nevertheless: cards will be late then.",
            extensions: new Dictionary<string, object?> { ["errors"] = errors.ToArray(), ["misfits"] = misfits.Select(MisfitAnswer.Of).ToArray() });
    }

    private static ProblemHttpResult NotFound(int id) => TypedResults.Problem(
        statusCode: StatusCodes.Status404NotFound, title: "No such configuration", detail: $"There is no polling configuration with the id {id}.");
}
