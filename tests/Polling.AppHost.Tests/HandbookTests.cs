using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Polling.AppHost.Tests;

/// <summary>
/// Every command of the handbook, docs/operations.md, as it is written there, by real curl, redis-cli, pg_dump, psql and grep, against the system that
/// AppHost starts; and what each answers. The suite runs beside other systems, so the commands find theirs by port: PGPORT, and wrappers of curl and
/// redis-cli that put the system's ports in the place of 3000 and 6379.
/// </summary>
public sealed partial class HandbookTests : IAsyncLifetime
{
    // The handbook's examples name the cards 12345 to 12347.
    private const int Cards = 12_400;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private readonly TemporaryFolder _folder = new();
    private Dictionary<string, string> _options = [];
    private SystemProcess? _system;
    private string? _key;

    private delegate void Check(string output);

    public async ValueTask InitializeAsync()
    {
        _options = SystemProcess.Options(_folder);
        _options["Polling:DemoCards"] = Cards.ToString(CultureInfo.InvariantCulture);
        _system = SystemProcess.Start(_folder, _options);
        await WrapAsync("curl", $"exec /usr/bin/env -i PATH=/usr/bin:/bin curl -sS -m 60 \"${{@//localhost:3000/localhost:{_options["Polling:ApiPort"]}}}\"");
        await WrapAsync("redis-cli", $"exec /usr/bin/env -i PATH=/usr/bin:/bin redis-cli -p {_options["Polling:RedisPort"]} \"$@\"");
        await Condition.HoldsAsync(async () => (await RunAsync("curl http://localhost:3000/health")).Contains("ealthy", StringComparison.Ordinal), Patience);
        await Condition.HoldsAsync(async () => Number(await RunAsync("redis-cli HGET polling:stats:package total")) > 1000, Patience);
    }

    public async ValueTask DisposeAsync()
    {
        if (_system is not null)
        {
            await _system.DisposeAsync();
        }

        _folder.Dispose();
    }

    [Fact]
    public async Task Every_command_of_the_handbook_answers_what_it_says()
    {
        var commands = Commands("operations.md");
        Assert.Equal(commands, Commands("operations.zh-CN.md"));
        var configurations = (await RunAsync("curl http://localhost:3000/api/admin/polling-configs"), await RunAsync("curl http://localhost:3000/api/admin/polling-alert-rules"));
        var checks = Checks();
        foreach (var command in commands)
        {
            var check = checks.Where(c => command.Contains(c.Key, StringComparison.Ordinal)).MaxBy(c => c.Key.Length);
            Assert.True(check.Value is not null, $"nothing is known of what this should answer: {command}");
            var output = "";
            var clock = Stopwatch.StartNew();
            while (true)
            {
                output = await RunAsync(command);
                _key = command.Contains("POST http://localhost:3000/api/admin/api-keys", StringComparison.Ordinal) ? Json(output).GetProperty("token").GetString() : _key;
                try
                {
                    check.Value(output);
                    break;
                }
                catch (Exception e) when (clock.Elapsed < Patience && MayTakeTime(command))
                {
                    TestContext.Current.TestOutputHelper!.WriteLine($"{command}: {e.Message}");
                    await Task.Delay(500, TestContext.Current.CancellationToken);
                }
                catch (Exception e)
                {
                    Assert.Fail($"{command}\n{output}\n{e}");
                }
            }
        }

        // The restored configuration is the one that was backed up, but for what the handbook changed before it.
        await Condition.HoldsAsync(async () => (await RunAsync("curl http://localhost:3000/api/admin/polling-configs")).Contains("\"status\":0", StringComparison.Ordinal), Patience);
        var (configs, rules) = (await RunAsync("curl http://localhost:3000/api/admin/polling-configs"), await RunAsync("curl http://localhost:3000/api/admin/polling-alert-rules"));
        Assert.Equal(Field(configurations.Item1, "total"), Field(configs, "total"));
        Assert.Equal(Field(configurations.Item2, "total") + 3, Field(rules, "total"));
        foreach (var table in new[] { "polling_config", "concurrency_config", "alert_rules", "cleanup_config" })
        {
            var name = table switch { "polling_config" => "tb_polling_config", "concurrency_config" => "tb_polling_concurrency_config", "alert_rules" => "tb_polling_alert_rule", _ => "tb_data_cleanup_config" };
            var again = await RunAsync($"pg_dump -h $HOST -U $USER -d $DB -t {name}");
            var before = await File.ReadAllTextAsync(_folder.File($"{table}_backup.sql"), TestContext.Current.CancellationToken);
            Assert.Equal(Data(before), Data(again));
        }

        // A new row has an id behind the restored ones.
        var made = await RunAsync("""curl -X POST http://localhost:3000/api/admin/polling-configs -H "Content-Type: application/json" -d '{"name": "n", "task_type": "package", "account_id": 1, "interval_seconds": 86400, "priority": 1000}'""");
        Assert.True(Field(made, "id") > 4, made);
    }

    private static Dictionary<string, Check> Checks() => new()
    {
        ["admin/polling-stats  "] = output => Assert.Equal(3, Json(output).GetProperty("tasks").GetArrayLength()),
        ["polling-stats/queues"] = output => Assert.Equal(Cards, Json(output).GetProperty("queues")[1].GetProperty("scheduled").GetInt64()
            + Json(output).GetProperty("queues")[1].GetProperty("queue_length").GetInt64() + Json(output).GetProperty("queues")[1].GetProperty("leased").GetInt64(), Cards / 10.0),
        ["polling-stats/tasks"] = output => Assert.True(Json(output).GetProperty("tasks")[0].GetProperty("windows")[3].GetProperty("total").GetInt64() > 0),
        ["polling-stats/init-progress"] = output => Assert.Equal(("done", Cards), (Json(output).GetProperty("state").GetString(), Json(output).GetProperty("loaded").GetInt32())),
        ["polling-stats/accounts"] = output => Assert.Equal("realname", Json(output).GetProperty("items")[0].GetProperty("task_type").GetString()),
        ["ZCARD polling:queue:realname"] = output => Assert.InRange(Number(output), 0, Cards),
        ["LLEN polling:manual:realname"] = output => Assert.Equal(0, Number(output)),
        ["GET polling:concurrency:current:realname"] = output => Assert.InRange(Number(output.Length == 0 ? "0" : output), 0, 100),
        ["GET polling:concurrency:config:realname"] = output => Assert.Equal(100, Number(output)),
        ["HGETALL polling:stats:realname"] = output => Assert.All(
            new[] { "total", "success", "failed", "success_rate", "avg_duration_ms", "due_total", "window_seconds" }, name => Assert.Contains(name, output.Split('\n'))),
        ["HGET polling:stats:realname avg_duration_ms"] = output => Assert.InRange(double.Parse(output, CultureInfo.InvariantCulture), 0.1, 60_000),
        ["HGET polling:stats:realname failed"] = output => Assert.InRange(Number(output), 0, Cards),
        ["HGETALL polling:init:progress"] = output => Assert.All(
            new[] { "total", "loaded", "batch", "state", "started_at", "updated_at", "finished_at" }, name => Assert.Contains(name, output.Split('\n'))),
        ["POST http://localhost:3000/api/admin/polling-alert-rules"] = output => Assert.True(Json(output).GetProperty("id").GetInt32() > 3 && Json(output).GetProperty("is_enabled").GetBoolean()),
        ["polling-alert-history?page"] = output => Assert.Equal(20, Json(output).GetProperty("page_size").GetInt32()),
        ["polling-alert-history?rule_id"] = output => Assert.Equal(0, Json(output).GetProperty("total").GetInt32()),
        ["PUT http://localhost:3000/api/admin/polling-concurrency/realname"] = output => Assert.Equal(100, Json(output).GetProperty("max_concurrency").GetInt32()),
        ["PUT http://localhost:3000/api/admin/polling-configs/1"] = output => Assert.Equal((0, 60), (Json(output).GetProperty("status").GetInt32(), Json(output).GetProperty("interval_seconds").GetInt32())),
        ["explain"] = output => Assert.Equal(12345, Json(output).GetProperty("card").GetProperty("id").GetInt32()),
        ["grep -i \"error\""] = output => Assert.DoesNotContain("unhandled", output, StringComparison.OrdinalIgnoreCase),
        ["grep -i \"初始化\""] = output => Assert.Contains("初始化", output, StringComparison.Ordinal),
        ["polling-concurrency/reset"] = output => Assert.Contains("realname", output, StringComparison.Ordinal),
        ["admin/data-cleanup-configs"] = output => Assert.Equal(1, Json(output).GetProperty("items")[0].GetProperty("id").GetInt32()),
        ["data-cleanup/preview"] = output => Assert.Equal(0, Json(output).GetProperty("total_rows").GetInt64()),
        ["data-cleanup/trigger"] = output => Assert.Equal("queued", Json(output).GetProperty("state").GetString()),
        ["data-cleanup/progress"] = output => Assert.Equal("done", Json(output).GetProperty("state").GetString()),
        ["PUT http://localhost:3000/api/admin/data-cleanup-configs/1"] = output => Assert.Equal(60, Json(output).GetProperty("retention_days").GetInt32()),
        ["polling-manual-trigger/single"] = output => Assert.Equal("1", Json(output).GetProperty("trigger_id").GetString()),
        ["polling-manual-trigger/batch"] = output => Assert.Equal(3, Json(output).GetProperty("total").GetInt32()),
        ["polling-manual-trigger/by-condition"] = output => Assert.Equal("condition", Json(output).GetProperty("kind").GetString()),
        ["polling-manual-trigger/cancel"] = output => Assert.Equal((404, "No such trigger"), (Json(output).GetProperty("status").GetInt32(), Json(output).GetProperty("title").GetString())),
        ["polling-manual-trigger/1"] = output => Assert.Equal((1, "done"), (
            Json(output).GetProperty("done").GetInt32() + Json(output).GetProperty("skipped").GetInt32(), Json(output).GetProperty("state").GetString())),
        ["polling-manual-trigger/1/cards"] = output => Assert.True(Json(output).GetProperty("items").GetArrayLength() <= 1),
        ["admin/polling-configs"] = output => Assert.Equal(4, Json(output).GetProperty("total").GetInt32()),
        ["admin/polling-concurrency"] = output => Assert.Contains("package", output, StringComparison.Ordinal),
        ["admin/carrier-accounts"] = output => Assert.Equal(3, Json(output).GetProperty("total").GetInt32()),
        ["POST http://localhost:3000/api/admin/api-keys"] = output => Assert.StartsWith("polling_", Json(output).GetProperty("token").GetString(), StringComparison.Ordinal),
        ["curl http://localhost:3000/api/admin/api-keys"] = output => Assert.Equal((1, "valid"), (Json(output).GetProperty("total").GetInt32(), Json(output).GetProperty("items")[0].GetProperty("state").GetString())),
        ["Authorization: Bearer"] = output => Assert.Equal(3, Json(output).GetProperty("queues").GetArrayLength()),
        ["DELETE http://localhost:3000/api/admin/api-keys/1"] = output => Assert.Equal("", output),
        ["cards/12345/usage"] = output => Assert.Equal((12345, true), (Json(output).GetProperty("card_id").GetInt32(), Json(output).TryGetProperty("limit", out _))),
        ["admin/suspensions?page_size"] = output => Assert.Equal(JsonValueKind.Array, Json(output).GetProperty("items").ValueKind),
        ["admin/suspensions?card_id"] = output => Assert.Equal(0, Json(output).GetProperty("items").GetArrayLength()),
        ["suspension-breakers"] = output => Assert.Equal(0, Json(output).GetProperty("total").GetInt32()),
        ["suspension-exemption"] = output => Assert.Equal("lift alarm", Json(output).GetProperty("reason").GetString()),
        ["cards/12346/suspend"] = output => Assert.Equal(("suspend", "manual"), (Json(output).GetProperty("action").GetString(), Json(output).GetProperty("rule").GetString())),
        ["grep \"自动停机完成\""] = output => Assert.Contains("12346", output, StringComparison.Ordinal),
        ["audit-log?page_size"] = output => Assert.Equal(
            ("development", "api_key"), (Json(output).GetProperty("items")[0].GetProperty("caller").GetString(), Json(output).GetProperty("items")[0].GetProperty("subject").GetString())),
        ["audit-log?subject=polling_config"] = output => Assert.Equal(
            (1, 0), (Json(output).GetProperty("items")[0].GetProperty("before").GetProperty("status").GetInt32(), Json(output).GetProperty("items")[0].GetProperty("after").GetProperty("status").GetInt32())),
        ["admin/polling-planner"] = output => Assert.Equal((Cards, 0), (Json(output).GetProperty("cards").GetInt32(), Json(output).GetProperty("accounts_that_do_not_fit").GetInt32())),
        ["polling-planner/what-if"] = output => Assert.Equal((5000, true), (Json(output).GetProperty("sweep_seconds").GetDouble(), Json(output).GetProperty("fits").GetBoolean())),
        ["pg_dump"] = output => Assert.Equal("", output),
        ["DROP TABLE"] = output => Assert.Equal("DROP TABLE", output),
        ["psql -h $HOST -U $USER -d $DB <"] = output => Assert.Contains("COPY", output, StringComparison.Ordinal),
        ["grep \""] = output => Assert.NotEqual("", output),
    };

    // What a command asks for may come a little later.
    private static bool MayTakeTime(string command) => !command.Contains("POST", StringComparison.Ordinal) && !command.Contains("DROP", StringComparison.Ordinal)
        && !command.Contains("psql", StringComparison.Ordinal);

    private static IReadOnlyList<string> Commands(string document)
    {
        var text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "docs", document));
        return
        [
            .. CodeBlock().Matches(text).SelectMany(block => NewCommand().Split(block.Groups["text"].Value.Trim())).Select(command => command.Trim()),
        ];
    }

    private async Task WrapAsync(string program, string script)
    {
        Directory.CreateDirectory(_folder.File("bin"));
        await File.WriteAllTextAsync(_folder.File($"bin/{program}"), $"#!/bin/bash\n{script}\n");
        await RunAsync($"chmod +x bin/{program}");
    }

    private async Task<string> RunAsync(string command)
    {
        var start = new ProcessStartInfo("bash", ["-c", command]) { RedirectStandardOutput = true, WorkingDirectory = _folder.Path };
        start.Environment["PATH"] = $"{_folder.File("bin")}:{Environment.GetEnvironmentVariable("PATH")}";
        (start.Environment["HOST"], start.Environment["USER"], start.Environment["DB"]) = ("127.0.0.1", "polling", "polling");
        (start.Environment["PGPORT"], start.Environment["PGPASSWORD"]) = (_options["Polling:PostgresPort"], "polling");
        start.Environment["POLLING_KEY"] = _key;
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return output.Trim();
    }

    // The rows of a dump; its other lines name versions and a random key.
    private static string[] Data(string dump) =>
        [.. dump.Split('\n').SkipWhile(line => !line.StartsWith("COPY ", StringComparison.Ordinal)).TakeWhile(line => line != "\\.")];

    private static JsonElement Json(string output) => JsonDocument.Parse(output).RootElement;

    private static int Field(string output, string name) => Json(output).GetProperty(name).GetInt32();

    private static long Number(string output) => long.TryParse(output, CultureInfo.InvariantCulture, out var number) ? number : -1;

    [GeneratedRegex("```bash\n(?<text>.*?)```", RegexOptions.Singleline)]
    private static partial Regex CodeBlock();

    // A line that begins at the margin begins a command.
    [GeneratedRegex("\n(?=[a-z])")]
    private static partial Regex NewCommand();
}
