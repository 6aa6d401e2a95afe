using Microsoft.AspNetCore.Http.HttpResults;
using Polling.Core.Statistics;

namespace Polling.AdminApi.Statistics;

internal static class StatisticsEndpoints
{
    public static async Task<Ok<OverviewAnswer>> OverviewAsync(PollingStatisticsReader reader) =>
        TypedResults.Ok(OverviewAnswer.Of(await reader.ReadAsync(), InitialisationAnswer.Of(await reader.ReadInitialisationAsync())));

    public static async Task<Ok<QueuesAnswer>> QueuesAsync(PollingStatisticsReader reader) =>
        TypedResults.Ok(new QueuesAnswer([.. (await reader.ReadAsync()).Select(QueueAnswer.Of)]));

    public static async Task<Ok<TasksAnswer>> TasksAsync(PollingStatisticsReader reader) =>
        TypedResults.Ok(new TasksAnswer([.. (await reader.ReadAsync()).Select(TaskAnswer.Of)]));

    public static async Task<Ok<InitialisationAnswer>> InitialisationAsync(PollingStatisticsReader reader) =>
        TypedResults.Ok(InitialisationAnswer.Of(await reader.ReadInitialisationAsync()));
}
