using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;

namespace Polling.AppHost.AspirePackages.Dashboard;

/// <summary>What an operator does most, as commands on the resources in the dashboard; and names for the addresses there.</summary>
internal static class CommandExtensions
{
    private const string Http = "http";
    private const string TaskTypeArgument = "task_type";
    private const string Accounts = "/api/admin/carrier-accounts";
    private const string Behaviour = "/control/behaviour";
    private static readonly string[] TaskTypes = ["realname", "carddata", "package"];

    /// <summary>Pauses and resumes polling, resets permits, starts a clean-up: all of them requests to the admin API.</summary>
    public static IResourceBuilder<ProjectResource> WithOperatorCommands(this IResourceBuilder<ProjectResource> builder) => builder
        .WithUrlForEndpoint(Http, url => url.DisplayText = "Admin API")
        .WithUrl("/scalar", "API reference")
        .WithUrl("/api/admin/polling-stats", "Statistics")
        .WithAccounts(
            "pause", "Pause", "Pauses every carrier account: nothing more is sent, suspensions included; cards stay scheduled.",
            "Pause every carrier account? Cards over their limit are not suspended meanwhile.", "Pause")
        .WithAccounts(
            "resume", "Resume", "Resumes every carrier account, also those that were paused one by one.", "Resume every carrier account?", "Play")
        .WithHttpCommand(
            "/api/admin/polling-concurrency/reset", "Reset permits", commandName: "reset-permits", endpointName: Http,
            commandOptions: new HttpCommandOptions
            {
                Description = "Drops the permits of a task type that no call holds.",
                Arguments =
                [
                    new InteractionInput
                    {
                        Name = TaskTypeArgument, Label = "Task type", InputType = InputType.Choice, Required = true, Value = TaskTypes[0],
                        Options = [.. TaskTypes.Select(type => KeyValuePair.Create(type, type))],
                    },
                ],
                PrepareRequest = request =>
                {
                    request.Request.Content = JsonContent.Create(new JsonObject { [TaskTypeArgument] = request.Arguments[TaskTypeArgument].Value });
                    return Task.CompletedTask;
                },
                ResultMode = HttpCommandResultMode.Json,
                IconName = "ArrowReset",
            })
        .WithHttpCommand(
            "/api/admin/data-cleanup/trigger", "Clean up", commandName: "clean-up", endpointName: Http,
            commandOptions: new HttpCommandOptions
            {
                Description = "Removes what the retention of each data set no longer keeps; /api/admin/data-cleanup/preview says beforehand what that is.",
                ConfirmationMessage = "Remove what is older than its retention?",
                ResultMode = HttpCommandResultMode.Json,
                IconName = "Broom",
            });

    /// <summary>Breaks the mock gateway, and mends it.</summary>
    public static IResourceBuilder<ProjectResource> WithFaultCommands(this IResourceBuilder<ProjectResource> builder) => builder
        .WithUrlForEndpoint(Http, url => url.DisplayText = "Mock gateway")
        .WithUrl(Behaviour, "Behaviour")
        .WithBehaviour("break", "Break: half of the calls fail", """{"faults": {"http_500": 0.5}}""", "PlugDisconnected")
        .WithBehaviour("slow", "Slow: answers take 2 s", """{"latency": {"median_ms": 2000}}""", "TopSpeed")
        .WithBehaviour("mend", "Mend", """{"faults": {"http_500": 0}, "latency": {"median_ms": 50}}""", "PlugConnected");

    private static IResourceBuilder<ProjectResource> WithAccounts(
        this IResourceBuilder<ProjectResource> builder, string verb, string title, string description, string confirmation, string icon) => builder.WithCommand(
        $"{verb}-polling", $"{title} polling", context => ForAllAccountsAsync(builder, context, verb),
        new CommandOptions { Description = description, ConfirmationMessage = confirmation, IconName = icon });

    private static IResourceBuilder<ProjectResource> WithBehaviour(
        this IResourceBuilder<ProjectResource> builder, string name, string displayName, string json, string icon) => builder.WithHttpCommand(
        Behaviour, displayName, commandName: name, endpointName: Http,
        commandOptions: new HttpCommandOptions
        {
            Method = HttpMethod.Put,
            PrepareRequest = request =>
            {
                request.Request.Content = new StringContent(json, System.Text.Encoding.UTF8, "application/json");
                return Task.CompletedTask;
            },
            ResultMode = HttpCommandResultMode.Json,
            IconName = icon,
        });

    private static async Task<ExecuteCommandResult> ForAllAccountsAsync(
        IResourceBuilder<ProjectResource> builder, ExecuteCommandContext context, string verb)
    {
        try
        {
            using var client = context.Services.GetRequiredService<IHttpClientFactory>().CreateClient();
            client.BaseAddress = new Uri(builder.GetEndpoint(Http).Url);
            var list = await client.GetFromJsonAsync<JsonObject>(Accounts, context.CancellationToken);
            var accounts = list!["items"]!.AsArray();
            foreach (var account in accounts)
            {
                using var response = await client.PostAsync(new Uri($"{Accounts}/{account!["id"]}/{verb}", UriKind.Relative), null, context.CancellationToken);
                response.EnsureSuccessStatusCode();
            }

            return CommandResults.Success($"{verb}: {accounts.Count} carrier accounts");
        }
        catch (HttpRequestException error)
        {
            return CommandResults.Failure(error);
        }
    }
}
