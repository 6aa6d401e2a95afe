using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Polling.AppHost.LocalServers;
using Polling.Benchmarks.Processes;
using Polling.Core.Configuration;
using Polling.Core.Persistence;
using Polling.Core.Queue;
using Polling.Core.Queue.Claims;
using Polling.Core.Queue.Manual;
using Polling.Core.Queue.Scripts;
using Polling.Core.Queue.Signals;
using Polling.TestServers;
using StackExchange.Redis;

namespace Polling.Benchmarks.Engine;

/// <summary>What the idle system does.</summary>
/// <param name="ScriptsPerSecond">Scripts that all processes together run.</param>
/// <param name="Scripts">The same by kind of command.</param>
/// <param name="CommandsPerSecond">All commands, those inside scripts included.</param>
/// <param name="BusiestPercent">CPU of the busiest process, percent of a core.</param>
/// <param name="Busiest">Its name, and the others'.</param>
internal sealed record IdleRun(double ScriptsPerSecond, string Scripts, double CommandsPerSecond, double BusiestPercent, string Busiest);

/// <summary>2 schedulers and 4 executors as processes, with a fleet of which no card is due for hours.</summary>
internal sealed class IdleSystem : IAsyncDisposable
{
    private const int Schedulers = 2;
    private const int Executors = 4;
    private const int WarmUpRequests = 5 * Executors;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(8);
    private static readonly TimeSpan BetweenRequests = TimeSpan.FromMilliseconds(270);

    // The first minute warms up: code is compiled, pools fill, and the audit goes its first round, which is quick.
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(90);
    private readonly TestRedis _redis;
    private readonly TestPostgres _postgres;
    private readonly ServiceProcesses _processes;
    private ConnectionMultiplexer? _connection;

    private IdleSystem(TestRedis redis, TestPostgres postgres) => (_redis, _postgres, _processes) = (redis, postgres, new ServiceProcesses(redis, postgres));

    public static async Task<IdleSystem> StartAsync(int cards)
    {
        var system = new IdleSystem(await TestRedis.StartAsync(RedisEngine.Redis), await TestPostgres.StartAsync());
        try
        {
            await system.BootAsync(cards);
            return system;
        }
        catch
        {
            await system.DisposeAsync();
            throw;
        }
    }

    public async Task<IdleRun> MeasureAsync(TimeSpan time)
    {
        await Task.Delay(Settling);
        var (commands, cpu, started) = (await CommandsAsync(), Cpu(), Stopwatch.GetTimestamp());
        await Task.Delay(time);
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var (commandsAfter, cpuAfter) = (await CommandsAsync(), Cpu());
        var each = commandsAfter.Select(c => (Name: c.Key, Rate: (c.Value - commands.GetValueOrDefault(c.Key)) / seconds)).Where(c => c.Rate >= 0.1).ToArray();
        var shares = _processes.Running.Select((p, i) => (p.Name, Percent: (cpuAfter[i] - cpu[i]).TotalSeconds / seconds * 100)).OrderByDescending(p => p.Percent).ToArray();
        return new IdleRun(
            each.Where(c => c.Name.StartsWith("eval", StringComparison.Ordinal)).Sum(c => c.Rate),
            string.Join(", ", each.OrderByDescending(c => c.Rate).Take(6).Select(c => string.Create(CultureInfo.InvariantCulture, $"{c.Name} {c.Rate:F1}/s"))),
            each.Sum(c => c.Rate), shares[0].Percent,
            string.Join(", ", shares.Select(s => string.Create(CultureInfo.InvariantCulture, $"{s.Name} {s.Percent:F1}"))));
    }

    /// <summary>
    /// Asks for cards by hand, one after the other, while nothing else is to do. The first ones do not count: for its first call a process
    /// compiles code for up to 0.6 s.
    /// </summary>
    /// <returns>How long it took from each request until the gateway had its call, sorted.</returns>
    public async Task<TimeSpan[]> RequestAsync(int requests)
    {
        var keys = new RedisKeys(KeyLayout.Contract);
        var scripts = new ScriptRunner(_connection!, new ScriptLibrary());
        var manual = new ManualRequests(scripts, keys, new ClaimScripts(scripts, keys), new QueueSignals(_connection!), _connection!);
        using var http = new HttpClient { BaseAddress = _processes.GatewayAddress };
        var asked = new Dictionary<string, DateTimeOffset>();
        for (var i = 0; i < WarmUpRequests + requests; i++)
        {
            // A prime apart: cards of different accounts.
            var card = 1 + i * 7_919;
            asked.Add(EngineQueue.Card(card).Number, DateTimeOffset.UtcNow);
            var answer = await manual.RequestAsync(TaskType.Realname, string.Create(CultureInfo.InvariantCulture, $"benchmark-{i}"), [card]);
            if (answer[0] != ManualAnswer.Accepted)
            {
                throw new InvalidOperationException($"The request for card {card} was answered with {answer[0]}.");
            }

            await Task.Delay(BetweenRequests);
        }

        using var ledger = await http.GetFromJsonAsync<JsonDocument>(string.Create(CultureInfo.InvariantCulture, $"/control/ledger?since_sequence=0&limit={(WarmUpRequests + requests) * 2}"));
        var calls = ledger!.RootElement.GetProperty("calls").EnumerateArray().ToArray();
        if (calls.Length != WarmUpRequests + requests)
        {
            throw new InvalidOperationException($"The gateway had {calls.Length} calls instead of {WarmUpRequests + requests}.");
        }

        return [.. calls.Skip(WarmUpRequests).Select(call =>
            call.GetProperty("received_at").GetDateTimeOffset() - asked[call.GetProperty("cards")[0].GetProperty("id").GetString()!]).Order()];
    }

    public async ValueTask DisposeAsync()
    {
        await _processes.DisposeAsync();
        if (_connection is not null)
        {
            await _connection.DisposeAsync();
        }

        await _redis.DisposeAsync();
        await _postgres.DisposeAsync();
    }

    private async Task BootAsync(int cards)
    {
        await using (var context = new PollingDbContext(new DbContextOptionsBuilder<PollingDbContext>().UseNpgsql(_postgres.ConnectionString).Options))
        {
            await new MigrationRunner(context, TimeProvider.System, NullLogger<MigrationRunner>.Instance).RunAsync(CancellationToken.None);
        }

        await using (var source = NpgsqlDataSource.Create(_postgres.ConnectionString + ";Command Timeout=300"))
        {
            await using var command = source.CreateCommand(Seed(cards));
            await command.ExecuteNonQueryAsync();
        }

        _connection = await ConnectionMultiplexer.ConnectAsync(_redis.ConnectionString);
        _processes.Start("gateway", ServiceProcesses.Gateway, _processes.GatewayAddress);
        for (var i = 1; i <= Schedulers + Executors; i++)
        {
            var (name, program) = i <= Schedulers ? ($"scheduler-{i}", ServiceProcesses.Scheduler) : ($"executor-{i - Schedulers}", ServiceProcesses.Executor);
            _processes.Start(name, program, ServiceProcesses.FreeAddress());
        }

        await _processes.UntilAsync(
            "initialised", Patience, async () => await _connection.GetDatabase().HashGetAsync("polling:init:progress", "state") == "done");
    }

    private static string Seed(int cards) => string.Create(CultureInfo.InvariantCulture,
        $"""
        INSERT INTO tb_carrier (id, code, name) VALUES (1, 'C', 'C');
        INSERT INTO tb_carrier_account (id, carrier_id, code, name, calls_per_second, cards_per_call, max_in_flight, status)
        SELECT id, 1, 'A' || id, 'A' || id, 100, 100, 100, 1 FROM generate_series(1, {EngineQueue.Accounts}) AS id;
        INSERT INTO tb_card (id, iccid, carrier_id, account_id, status, real_name_status)
        SELECT id, '8986' || lpad(id::text, 16, '0'), 1, id / 1000 % {EngineQueue.Accounts} + 1, 1, 1 FROM generate_series(1, {cards}) AS id;
        INSERT INTO tb_card_poll (card_id, task_type, token_epoch, token, scheduled_at, checked_at, outcome, duration_ms, consecutive_failures)
        SELECT id, task, 0, 0, now(), now(), 1, 0, 0 FROM generate_series(1, {cards}) AS id, generate_series(1, 3) AS task;
        DELETE FROM tb_polling_config;
        INSERT INTO tb_polling_config (name, task_type, interval_seconds) VALUES ('a', 'realname', 86400), ('b', 'carddata', 86400), ('c', 'package', 86400);
        ANALYZE;
        """);

    private TimeSpan[] Cpu() => [.. _processes.Running.Select(p =>
    {
        using var process = Process.GetProcessById(p.Process.Id);
        return process.TotalProcessorTime;
    })];

    private async Task<Dictionary<string, long>> CommandsAsync()
    {
        var info = (string)(await _connection!.GetDatabase().ExecuteAsync("INFO", "commandstats"))!;
        return info.Split("\r\n").Where(line => line.StartsWith("cmdstat_", StringComparison.Ordinal)).ToDictionary(
            line => line[8..line.IndexOf(':', StringComparison.Ordinal)],
            line => long.Parse(line.Split("calls=")[1].Split(',')[0], CultureInfo.InvariantCulture));
    }
}
