using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Polling.Benchmarks.Api;
using Polling.Benchmarks.Units;

namespace Polling.Benchmarks.Scenarios;

/// <summary>Brings a scenario's system up, watches it for the scenario's time, and ends it. Every step is bounded in time.</summary>
/// <param name="scenario">What to run.</param>
/// <param name="folder">Where samples go.</param>
/// <param name="tell">Takes what is being done; with true, what it is like this second.</param>
internal sealed class ScenarioRun(Scenario scenario, string folder, Action<string, bool> tell)
{
    private const string UsageTables = "tb_usage_record%";
    private static readonly TimeSpan BootBase = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan BootAMillion = TimeSpan.FromMinutes(4);
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private readonly List<Sample> _samples = [];

    /// <summary>Runs it.</summary>
    /// <param name="command">How it was asked for.</param>
    /// <param name="cancellation">Ends it; everything that it has started is gone then.</param>
    /// <exception cref="TimeoutException">The cards were not loaded in time.</exception>
    /// <exception cref="InvalidOperationException">A program has ended by itself.</exception>
    public async Task<RunResult> RunAsync(string command, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        await using var system = await ScenarioSystem.PrepareAsync(scenario, what => tell(what, false), cancellation);
        var prepared = clock.Elapsed.TotalSeconds;
        tell("programs start", false);
        await system.StartAsync(cancellation);
        var started = DateTimeOffset.UtcNow;
        using var api = new PollingApi(system.System.ApiAddress, null);
        using var sampler = new Sampler(system.System, api, new StreamWriter(Path.Combine(folder, RunResult.SamplesFile)) { AutoFlush = true });
        using var timer = new PeriodicTimer(Every);

        tell("cards are loaded", false);
        var patience = BootBase + BootAMillion * (scenario.Fleet.Cards / 1e6);
        double? initialised = null;
        while (initialised is null || DateTimeOffset.UtcNow < system.FirstDueAt)
        {
            if (await LookAsync(RunPhase.Boot) is { Initialisation: "done" } sample)
            {
                initialised ??= sample.T;
            }

            if (DateTimeOffset.UtcNow - started > patience)
            {
                throw new TimeoutException($"After {HumanTime.Of(patience.TotalSeconds)} the cards were not loaded.");
            }
        }

        await PhaseAsync(RunPhase.WarmUp, scenario.WarmUpSeconds);
        var usage = await UsageRecordsAsync(system);
        await PhaseAsync(RunPhase.Measured, scenario.DurationSeconds);
        usage = await UsageRecordsAsync(system) - usage;
        tell("figures are counted", false);
        var counts = new RunCounts(
            Math.Round(prepared, 1), initialised.Value, usage, await system.System.ScalarAsync<long>("SELECT pg_database_size(current_database())"),
            await AccountsOverQuotaAsync(system, cancellation), system.TelemetryBytes);
        var ended = DateTimeOffset.UtcNow;
        tell("everything is stopped", false);
        return new RunResult(scenario, command, MachineFacts.Here(), started, ended, counts, RunFigures.Of(scenario, _samples, counts));

        async Task PhaseAsync(string phase, int seconds)
        {
            var end = DateTimeOffset.UtcNow.AddSeconds(seconds);
            while (DateTimeOffset.UtcNow < end)
            {
                await LookAsync(phase);
            }
        }

        async Task<Sample> LookAsync(string phase)
        {
            await system.System.Processes.CheckAsync();
            var sample = await sampler.TakeAsync(phase, cancellation);
            _samples.Add(sample);
            tell(Text(sample), true);
            await timer.WaitForNextTickAsync(cancellation);
            return sample;
        }
    }

    private static string Text(Sample sample) => sample.Error is { } error ? $"{sample.Phase} {sample.T:F0} s: {error}" : string.Create(CultureInfo.InvariantCulture,
        $"{sample.Phase} {sample.T:F0} s: loaded {sample.Loaded:N0}, {sample.ChecksPerSecond ?? 0:N0} checks/s, {sample.CallsPerSecond ?? 0:N0} calls/s, due {sample.Due:N0}, late p99 {HumanNumber.Ms(sample.Lateness?.P99Ms)}, permits {sample.Permits.Values.Sum(p => p.Used)}");

    private static Task<long> UsageRecordsAsync(ScenarioSystem system) => system.System.ScalarAsync<long>(
        $"SELECT coalesce(sum(n_tup_ins), 0)::bigint FROM pg_stat_user_tables WHERE relname LIKE '{UsageTables}'");

    private static async Task<int> AccountsOverQuotaAsync(ScenarioSystem system, CancellationToken cancellation)
    {
        var quotas = new Dictionary<string, int>();
        await using (var command = system.System.Postgres.CreateCommand("SELECT code, calls_per_second FROM tb_carrier_account"))
        await using (var reader = await command.ExecuteReaderAsync(cancellation))
        {
            while (await reader.ReadAsync(cancellation))
            {
                quotas[reader.GetString(0)] = reader.GetInt32(1);
            }
        }

        var summary = await system.System.Gateway.GetFromJsonAsync<JsonElement>("/control/ledger/summary", cancellation);
        return summary.GetProperty("accounts").EnumerateArray().Count(account =>
            quotas.TryGetValue(account.GetProperty("account").GetString()!, out var quota) && account.GetProperty("max_admitted_per_second").GetInt64() > quota);
    }
}
