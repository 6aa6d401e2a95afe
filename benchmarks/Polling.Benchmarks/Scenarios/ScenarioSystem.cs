using System.Globalization;
using System.Net.Http.Json;
using Polling.Benchmarks.Cards;
using Polling.Benchmarks.InitConfig;
using Polling.Benchmarks.Processes;
using Polling.Core.Configuration;

namespace Polling.Benchmarks.Scenarios;

/// <summary>A system that is set up as a scenario says.</summary>
internal sealed class ScenarioSystem : IAsyncDisposable
{
    // Asked so long ago, in intervals, a card is due next at the first point of its grid from now on: within one interval, evenly.
    private const double EarliestNext = 0.6;
    private const double Overdue = 3;
    private const string LedgerCapacity = "200000";

    // For what lies between writing when the cards were asked last and having loaded all of them.
    private const double LeadSeconds = 15;
    private const double LeadSecondsAMillion = 75;
    private readonly Scenario _scenario;
    private readonly TelemetrySink? _telemetry;
    private int _executors;

    private ScenarioSystem(Scenario scenario, BenchmarkSystem system, TelemetrySink? telemetry) => (_scenario, System, _telemetry) = (scenario, system, telemetry);

    public BenchmarkSystem System { get; }

    /// <summary>From when on cards are due.</summary>
    public DateTimeOffset FirstDueAt { get; private set; }

    /// <summary>Bytes of telemetry that the programs have exported.</summary>
    public long TelemetryBytes => _telemetry?.Bytes ?? 0;

    /// <summary>Brings servers up and fills them; no program runs yet.</summary>
    /// <param name="scenario">How.</param>
    /// <param name="tell">Takes what is being done.</param>
    /// <param name="cancellation">Ends it; all is removed then.</param>
    public static async Task<ScenarioSystem> PrepareAsync(Scenario scenario, Action<string> tell, CancellationToken cancellation)
    {
        tell("servers start");
        var servers = await BenchmarkSystem.StartAsync(scenario.System.Durable, cancellation);
        var system = new ScenarioSystem(scenario, servers, scenario.System.Telemetry ? await TelemetrySink.StartAsync() : null);
        try
        {
            await system.FillAsync(tell, cancellation);
            return system;
        }
        catch
        {
            await system.DisposeAsync();
            throw;
        }
    }

    private IReadOnlyDictionary<string, string?> Telemetry => _telemetry?.Settings ?? new Dictionary<string, string?>();

    /// <summary>Starts the programs.</summary>
    public async Task StartAsync(CancellationToken cancellation)
    {
        await StartAllButExecutorsAsync(cancellation);
        for (var i = 1; i <= _scenario.System.Executors; i++)
        {
            StartExecutor();
        }
    }

    /// <summary>Starts the programs, but no executor.</summary>
    public async Task StartAllButExecutorsAsync(CancellationToken cancellation)
    {
        System.StartGateway([new("MockGateway__LedgerCapacity", LedgerCapacity), .. Telemetry]);
        System.StartApi(Telemetry);
        await System.Processes.UntilAsync("answered by gateway and API", TimeSpan.FromMinutes(1), async () => await AnswersAsync(cancellation), cancellation: cancellation);
        using (var behaved = await System.Gateway.PutAsJsonAsync("/control/behaviour", await BehaviourAsync(cancellation), cancellation))
        {
            behaved.EnsureSuccessStatusCode();
        }

        for (var i = 1; i <= _scenario.System.Schedulers; i++)
        {
            System.StartScheduler($"scheduler-{i}",
            [
                new("Polling__Initialisation__BatchSize", Text(_scenario.System.InitialisationBatch)),
                new("Polling__Initialisation__BatchPauseMs", Text(_scenario.System.InitialisationPauseMs)), .. Telemetry,
            ]);
        }
    }

    /// <summary>Starts one more executor.</summary>
    /// <returns>Its process id.</returns>
    public int StartExecutor()
    {
        System.StartExecutor($"executor-{++_executors}", [new("Polling__Executor__CallsInFlight", Text(_scenario.System.CallsInFlight)), .. Telemetry]);
        return System.Processes.Running[^1].Process.Id;
    }

    public async ValueTask DisposeAsync()
    {
        await System.DisposeAsync();
        if (_telemetry is not null)
        {
            await _telemetry.DisposeAsync();
        }
    }

    private async Task FillAsync(Action<string> tell, CancellationToken cancellation)
    {
        var fleet = _scenario.Fleet;
        tell($"{fleet.Cards:N0} cards are made");
        var spread = CardSpread.Of(fleet.Cards, fleet.Accounts ?? LoadFleet.AccountsOf(fleet.Cards));
        await new CardWriter(System.Postgres, spread).WriteAsync(new CardGenerator(spread, fleet.Seed, 1).Generate(), _ => { }, cancellation);
        await System.ExecuteAsync(ConfigurationSql(), cancellation);
        FirstDueAt = DateTimeOffset.UtcNow;
        if (fleet.Start != FleetStart.New)
        {
            tell("their last checks are made");
            FirstDueAt += fleet.Start == FleetStart.Steady ? TimeSpan.FromSeconds(LeadSeconds + LeadSecondsAMillion * fleet.Cards / 1e6) : TimeSpan.Zero;
            await System.ExecuteAsync(ChecksSql(), cancellation);
        }
    }

    private string ConfigurationSql()
    {
        var (intervals, quotas) = (_scenario.Intervals, _scenario.Quotas);
        int[] seconds = [intervals.RealNameMissingSeconds, intervals.RealNameKnownSeconds, intervals.CardDataSeconds, intervals.PackageSeconds];
        var configurations = Defaults.Configurations.Zip(seconds, (config, s) =>
            $"""
            UPDATE tb_polling_config SET status = {(s > 0 ? 1 : 0)}, interval_seconds = {Math.Max(1, s)},
            adaptive_min_seconds = {(config.Fields["task_type"] is "carddata" && intervals.CardDataAdaptiveMinSeconds > 0 ? Text(intervals.CardDataAdaptiveMinSeconds) : "NULL")}
            WHERE name = '{config.Name}';
            """);
        return string.Join('\n', configurations) + string.Create(CultureInfo.InvariantCulture,
            $"""

            UPDATE tb_polling_concurrency_config SET max_concurrency = {_scenario.System.Permits};
            UPDATE tb_data_cleanup_config SET schedule = NULL;
            UPDATE tb_carrier_account SET calls_per_second = coalesce({Sql(quotas.CallsPerSecond)}, calls_per_second),
            cards_per_call = coalesce({Sql(quotas.CardsPerCall)}, cards_per_call), max_in_flight = coalesce({Sql(quotas.MaxInFlight)}, max_in_flight);
            """);
    }

    // When each polled card was asked last, for each task.
    private string ChecksSql()
    {
        var intervals = _scenario.Intervals;
        var (first, ago) = _scenario.Fleet.Start == FleetStart.Steady ? (FirstDueAt, EarliestNext) : (FirstDueAt, Overdue);
        return string.Create(CultureInfo.InvariantCulture,
            $"""
            INSERT INTO tb_card_poll (card_id, task_type, token_epoch, token, scheduled_at, checked_at, outcome, duration_ms, consecutive_failures)
            SELECT id, task, 0, 0, now(), '{first:O}'::timestamptz - {ago} * seconds * interval '1 s', 1, 0, 0
            FROM tb_card, generate_series(1, 3) AS task, LATERAL (SELECT CASE task
                WHEN {(int)TaskType.Realname} THEN CASE real_name_status WHEN 0 THEN {intervals.RealNameMissingSeconds} ELSE {intervals.RealNameKnownSeconds} END
                WHEN {(int)TaskType.Carddata} THEN {intervals.CardDataSeconds} ELSE {intervals.PackageSeconds} END AS seconds) AS i
            WHERE status = 1 AND seconds > 0;
            ANALYZE tb_card_poll;
            """);
    }

    // As the control API takes it. As many cards are real-named as the fleet says, and none becomes so.
    private async Task<object> BehaviourAsync(CancellationToken cancellation)
    {
        var gateway = _scenario.Gateway;
        var quotas = new Dictionary<string, int>();
        await using (var command = System.Postgres.CreateCommand("SELECT code, calls_per_second FROM tb_carrier_account"))
        await using (var reader = await command.ExecuteReaderAsync(cancellation))
        {
            while (await reader.ReadAsync(cancellation))
            {
                quotas[reader.GetString(0)] = reader.GetInt32(1);
            }
        }

        return new Dictionary<string, object>
        {
            ["latency"] = new { enabled = gateway.LatencyMsMedian > 0, median_ms = gateway.LatencyMsMedian, sigma = gateway.LatencySigma, max_ms = gateway.LatencyMsMax },
            ["faults"] = gateway.Faults,
            ["naming"] = new { initial_share = 1 - LoadFleet.NotRealNamedShare, mean_seconds = 0 },
            ["quotas"] = new { enforce = _scenario.Quotas.Enforced, accounts = quotas },
        };
    }

    private async Task<bool> AnswersAsync(CancellationToken cancellation)
    {
        try
        {
            using var gateway = await System.Gateway.GetAsync("/health", cancellation);
            using var api = await System.Api.GetAsync("/health", cancellation);
            return gateway.IsSuccessStatusCode && api.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static string Sql(int? number) => number is { } value ? Text(value) : "NULL";

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
