using System.Text.Json;

namespace Polling.AdminApi.Tests;

public sealed class PlannerTests(PollingSystem system)
{
    private const string Path = "/api/admin/polling-planner";

    [Fact]
    public async Task Every_account_is_planned_with_what_its_tasks_need()
    {
        var (status, plan) = await system.Api.GetAsync(Path);
        var (_, accounts) = await system.Api.GetAsync("/api/admin/carrier-accounts");
        Assert.Equal((200, accounts.Number("total")), (status, plan.GetProperty("items").GetArrayLength()));

        var (_, one) = await system.Api.GetAsync($"{Path}?account_id=1");
        var account = Assert.Single(one.GetProperty("items").EnumerateArray());
        Assert.Equal(("calls_per_second", true), (account.Text("limited_by"), account.GetProperty("fits").GetBoolean()));
        Assert.Equal(JsonValueKind.Null, account.GetProperty("would_fit").ValueKind);
        var task = account.GetProperty("tasks")[0];
        Assert.Equal("realname", task.Text("task_type"));
        Assert.Equal(task.Number("cards"), task.GetProperty("configurations").EnumerateArray().Sum(config => config.Number("cards")));
        Assert.True(task.GetProperty("sweep_seconds").GetDouble() < task.GetProperty("sweep_seconds_available").GetDouble());
    }

    [Theory]
    [InlineData("cards=10000000&calls_per_second=20", 500_000, null, null)]
    [InlineData("cards=10000000&calls_per_second=20&cards_per_call=100", 5_000, null, null)]
    [InlineData("cards=10000000&calls_per_second=20&cards_per_call=100&interval_seconds=7200", 5_000, true, 17)]
    [InlineData("cards=10000000&calls_per_second=20&cards_per_call=100&interval_seconds=3600", 5_000, false, 34)]
    public async Task A_quota_that_is_not_bought_yet_is_told_what_it_is_good_for(string query, double sweep, bool? fits, int? needed)
    {
        var (status, answer) = await system.Api.GetAsync($"{Path}/what-if?{query}");
        Assert.Equal((200, sweep), (status, answer.GetProperty("sweep_seconds").GetDouble()));
        Assert.Equal(fits, answer.GetProperty("fits").Deserialize<bool?>());
        Assert.Equal(needed, answer.GetProperty("calls_per_second_needed").Deserialize<int?>());
    }

    [Theory]
    [InlineData("?account_id=x", 400, "account_id")]
    [InlineData("?account_id=4094", 404, "4094")]
    [InlineData("/what-if?cards=10", 400, "calls_per_second")]
    [InlineData("/what-if?cards=0&calls_per_second=1", 400, "cards")]
    public async Task What_is_wrong_is_named(string query, int status, string named)
    {
        var (code, problem) = await system.Api.GetAsync(Path + query);
        Assert.Equal(status, code);
        Assert.Contains(named, problem.Text("detail"), StringComparison.Ordinal);
    }
}
