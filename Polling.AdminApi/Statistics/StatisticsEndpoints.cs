using Microsoft.AspNetCore.Http.HttpResults;
using Polling.AdminApi.Http;
using Polling.Core.Configuration;
using Polling.Core.Statistics;
using Polling.Core.Statistics.Windows;

namespace Polling.AdminApi.Statistics;

internal static class StatisticsEndpoints
{
    public const int PageSizeMax = 200;
    public const int PageMax = 100_000;

    public static async Task<Ok<OverviewAnswer>> OverviewAsync(PollingStatisticsReader reader, WindowCache windows)
    {
        var initialisation = reader.ReadInitialisationAsync();
        var statistics = await reader.ReadAsync();
        return TypedResults.Ok(OverviewAnswer.Of(statistics, await TasksAsync(statistics, windows), InitialisationAnswer.Of(await initialisation)));
    }

    public static async Task<Ok<QueuesAnswer>> QueuesAsync(PollingStatisticsReader reader) =>
        TypedResults.Ok(new QueuesAnswer([.. (await reader.ReadAsync()).Select(QueueAnswer.Of)]));

    public static async Task<Ok<TasksAnswer>> TasksAsync(PollingStatisticsReader reader, WindowCache windows) =>
        TypedResults.Ok(new TasksAnswer(await TasksAsync(await reader.ReadAsync(), windows)));

    public static async Task<Results<Ok<AccountStatisticsPageAnswer>, ProblemHttpResult>> AccountsAsync(
        HttpRequest request, AccountStatistics accounts, CancellationToken cancellationToken)
    {
        var parameters = new Parameters(request.Query);
        var type = parameters.TaskType("task_type");
        var window = parameters.Text("window", name => StatisticsWindows.Parse(name)?.Name(), $"one of {StatisticsWindows.Names}");
        var page = parameters.Number("page", 1, PageMax) ?? 1;
        var pageSize = parameters.Number("page_size", 1, PageSizeMax) ?? 50;
        return parameters.AreValid
            ? TypedResults.Ok(await accounts.ReadAsync(
                type is { } one ? [one] : TaskTypes.All, StatisticsWindows.Parse(window ?? "") ?? StatisticsWindow.Hour, page, pageSize, cancellationToken))
            : parameters.Problem();
    }

    public static async Task<Ok<InitialisationAnswer>> InitialisationAsync(PollingStatisticsReader reader) =>
        TypedResults.Ok(InitialisationAnswer.Of(await reader.ReadInitialisationAsync()));

    private static async Task<IReadOnlyList<TaskAnswer>> TasksAsync(IReadOnlyList<TaskStatistics> statistics, WindowCache windows) =>
        await Task.WhenAll(statistics.Select(async task =>
            TaskAnswer.Of(task, [.. (await windows.ReadAsync(task.TaskType)).Select(WindowAnswer.Of)])));
}
