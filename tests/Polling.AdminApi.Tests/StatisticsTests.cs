using System.Text.Json;
using StackExchange.Redis;

namespace Polling.AdminApi.Tests;

public sealed class StatisticsTests(ApiProcess api)
{
    [Fact]
    public async Task The_figures_are_those_of_redis()
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(api.Redis);
        var database = redis.GetDatabase();
        await database.SortedSetAddAsync("polling:queue:package", [new("1", 1), new("2", 1)]);
        await database.ListRightPushAsync("polling:manual:package", "x");
        await database.StringSetAsync("polling:concurrency:current:package", 25);
        await database.StringSetAsync("polling:concurrency:config:package", 50);
        await database.HashSetAsync(
            "polling:stats:package",
            [
                new("total", 8), new("success", 6), new("failed", 2), new("success_rate", "75.00"), new("avg_duration_ms", "12.5"),
                new("due_total", 7), new("window_seconds", 3600), new("oldest_due_ms", 0), new("updated_at_ms", 1_700_000_000_000),
            ]);
        await database.HashSetAsync("polling:init:progress", [new("state", "running"), new("total", 200), new("loaded", 50), new("batch", 2)]);

        var (_, queues) = await api.GetAsync("/api/admin/polling-stats/queues");
        var queue = queues.GetProperty("queues").EnumerateArray().Single(q => q.GetProperty("task_type").GetString() == "package");
        Assert.Equal(
            (2, 1, 7),
            (queue.GetProperty("queue_length").GetInt32(), queue.GetProperty("manual_length").GetInt32(), queue.GetProperty("due_total").GetInt32()));
        Assert.Equal("2023-11-14T22:13:20+00:00", queue.GetProperty("updated_at").GetString());
        Assert.Null(queue.GetProperty("oldest_due_at").GetString());

        var (_, tasks) = await api.GetAsync("/api/admin/polling-stats/tasks");
        var task = tasks.GetProperty("tasks").EnumerateArray().Single(t => t.GetProperty("task_type").GetString() == "package");
        Assert.Equal((75, 12.5), (task.GetProperty("success_rate").GetDouble(), task.GetProperty("avg_duration_ms").GetDouble()));
        Assert.Equal(
            (25, 50, 50.0),
            (task.GetProperty("concurrency_current").GetInt32(), task.GetProperty("concurrency_max").GetInt32(), task.GetProperty("concurrency_use").GetDouble()));

        var (_, progress) = await api.GetAsync("/api/admin/polling-stats/init-progress");
        Assert.Equal(("running", 25.0), (progress.GetProperty("state").GetString(), progress.GetProperty("percent").GetDouble()));

        var (status, overview) = await api.GetAsync("/api/admin/polling-stats");
        Assert.Equal(200, status);
        Assert.Equal((2, 8), (overview.GetProperty("queue_length").GetInt32(), overview.GetProperty("total").GetInt32()));
        Assert.Equal(3, overview.GetProperty("tasks").GetArrayLength());
    }

    [Fact]
    public async Task What_happened_is_told_anew_while_somebody_asks()
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(api.Redis);
        var database = redis.GetDatabase();
        for (var success = 1; success <= 3; success++)
        {
            var slot = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() / 300;
            foreach (var figure in new[] { "success", "d:40", "e:timeout" })
            {
                await database.HashIncrementAsync($"polling:stats:5m:package:{slot}", figure);
            }

            await database.HashIncrementAsync($"polling:stats:5m:accounts:package:{slot}", "2:l:quota:44");
            await database.HashIncrementAsync($"polling:stats:5m:accounts:package:{slot}", "2:success");
            await PollingSystem.UntilAsync(TimeSpan.FromSeconds(10), async () =>
            {
                var (_, tasks) = await api.GetAsync("/api/admin/polling-stats/tasks");
                var hour = tasks.GetProperty("tasks").EnumerateArray().Single(task => task.Text("task_type") == "package")
                    .GetProperty("windows").EnumerateArray().Single(window => window.Text("window") == "1h");
                return hour.Number("success") == success && hour.GetProperty("duration").Number("count") == success
                    && hour.GetProperty("errors").EnumerateArray().Sum(code => code.Number("count")) == success;
            });
            await PollingSystem.UntilAsync(TimeSpan.FromSeconds(10), async () =>
            {
                var (_, accounts) = await api.GetAsync("/api/admin/polling-stats/accounts?task_type=package&window=1h");
                var second = accounts.GetProperty("items").EnumerateArray().Single(item => item.Number("account_id") == 2).GetProperty("statistics");
                return second.ValueKind == JsonValueKind.Object && second.Number("success") == success && second.GetProperty("lateness_by_cause").GetProperty("quota").Number("count") == success;
            });
        }
    }

    [Fact]
    public async Task Every_endpoint_is_in_the_openapi_document()
    {
        var (_, document) = await api.GetAsync("/openapi/v1.json");

        var paths = document.GetProperty("paths").EnumerateObject().Select(path => path.Name).ToList();
        Assert.Superset(
            new HashSet<string>
            {
                "/api/admin/cards", "/api/admin/cards/import", "/api/admin/cards/{id}", "/api/admin/polling-stats",
                "/api/admin/polling-stats/queues", "/api/admin/polling-stats/tasks", "/api/admin/polling-stats/init-progress",
                "/api/admin/polling-concurrency", "/api/admin/polling-concurrency/{task_type}", "/api/admin/polling-concurrency/reset",
                "/api/admin/polling-configs", "/api/admin/polling-configs/{id}", "/api/admin/carrier-accounts", "/api/admin/carrier-accounts/{id}",
                "/api/admin/carrier-accounts/{id}/pause", "/api/admin/carrier-accounts/{id}/resume", "/api/admin/polling-quarantine",
                "/api/admin/polling-quarantine/{task_type}", "/api/admin/polling-quarantine/{task_type}/release",
            },
            paths.Select(path => path.TrimEnd('/')).ToHashSet());
    }

    [Fact]
    public async Task Each_request_is_one_line_of_the_access_log()
    {
        var path = $"/api/admin/cards/{Random.Shared.Next(600_000_000, 699_999_999)}";
        await api.GetAsync(path);

        var line = (await api.LogAsync("access.log")).Split('\n').Single(text => text.Contains(path, StringComparison.Ordinal));
        Assert.Matches(@"trace=[0-9a-f]{32} GET \S+ 404 \d+(\.\d+)? ms development$", line);
        Assert.DoesNotContain(path, await api.LogAsync("api.log"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_setting_ends_the_start_with_one_line()
    {
        var folder = Directory.CreateTempSubdirectory("polling-api-");
        try
        {
            using var process = ApiProcess.Start(
                folder.FullName,
                ("ASPNETCORE_ENVIRONMENT", "Development"),
                ("ASPNETCORE_URLS", "http://127.0.0.1:0"),
                ("ConnectionStrings__redis", api.Redis),
                ("ConnectionStrings__polling", "Host=127.0.0.1;Username=polling;Database=polling"),
                ("Polling__DemoCards", "many"));
            var errors = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);

            Assert.Equal(1, process.ExitCode);
            Assert.Equal(
                "admin-api cannot start: Polling:DemoCards is \"many\"; it must be an integer from 0 (no demo cards) to 10000000", errors.Trim());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
