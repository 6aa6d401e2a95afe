using System.Net.Http.Json;
using System.Text.Json;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;

namespace Polling.AppHost.Tests.AspirePackages;

/// <summary>The commands that the dashboard shows, done by what the dashboard does them with. With the genuine packages only.</summary>
public sealed class CommandTests(RunningSystem system) : IClassFixture<RunningSystem>
{
    [Fact]
    public async Task Polling_is_paused_and_resumed_account_by_account()
    {
        using var api = system.Application.CreateHttpClient("admin-api");
        await DoAsync("admin-api", "pause-polling");
        Assert.Equal(0, Assert.Single(await StatesAsync(api)));
        await DoAsync("admin-api", "resume-polling");
        Assert.Equal(1, Assert.Single(await StatesAsync(api)));
    }

    [Fact]
    public async Task Permits_of_the_chosen_task_type_are_reset_and_a_clean_up_begins()
    {
        using var api = system.Application.CreateHttpClient("admin-api");
        await DoAsync("admin-api", "reset-permits", new InteractionInput { Name = "task_type", InputType = InputType.Choice, Value = "carddata" });
        await DoAsync("admin-api", "clean-up");
        var log = (await api.GetFromJsonAsync<JsonElement>("/api/admin/audit-log?page_size=20", TestContext.Current.CancellationToken)).ToString();
        Assert.Contains("carddata", log, StringComparison.Ordinal);
        Assert.Contains("cleanup", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_mock_gateway_is_broken_and_mended()
    {
        using var gateway = system.Application.CreateHttpClient("mock-gateway");
        await DoAsync("mock-gateway", "break");
        Assert.Equal(0.5, await FaultsAsync(gateway));
        await DoAsync("mock-gateway", "mend");
        Assert.Equal(0, await FaultsAsync(gateway));
    }

    private async Task DoAsync(string resource, string command, params InteractionInput[] arguments)
    {
        var found = system.Application.Services.GetRequiredService<DistributedApplicationModel>().Resources.Single(r => r.Name == resource);
        var result = await system.Application.ResourceCommands.ExecuteCommandAsync(
            found, command, new InteractionInputCollection(arguments), TestContext.Current.CancellationToken);
        Assert.True(result.Success, $"{command}: {result.Message}");
    }

    private static async Task<int[]> StatesAsync(HttpClient api)
    {
        var list = await api.GetFromJsonAsync<JsonElement>("/api/admin/carrier-accounts", TestContext.Current.CancellationToken);
        return [.. list.GetProperty("items").EnumerateArray().Select(account => account.GetProperty("status").GetInt32()).Distinct()];
    }

    private static async Task<double> FaultsAsync(HttpClient gateway) =>
        (await gateway.GetFromJsonAsync<JsonElement>("/control/behaviour", TestContext.Current.CancellationToken)).GetProperty("faults").GetProperty("http_500").GetDouble();
}
