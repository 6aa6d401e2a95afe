using System.Diagnostics;
using Npgsql;
using Polling.Benchmarks.Processes;

namespace Polling.Benchmarks.Operations;

/// <summary>How the cards fared that were due in a stretch of time.</summary>
/// <param name="Share">Part of them that had their answer two seconds after its end; 1 = the offered load is met.</param>
/// <param name="LatenessP95Ms">From due time to answer, 95 % of them, ms; early ones count as 0.</param>
internal sealed record LoadSample(double Share, double LatenessP95Ms);

/// <summary>
/// The whole system as processes: the admin API, 2 schedulers, 2 executors, a mock gateway that answers at once, Redis and PostgreSQL, all
/// on 127.0.0.1.
/// </summary>
internal sealed class WholeSystem : IAsyncDisposable
{
    private const int Schedulers = 2;
    private const int Executors = 2;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(8);

    // What is due at the end has its answer by then, and that is committed.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);
    private readonly BenchmarkSystem _system;
    private readonly Fleet _fleet;

    private WholeSystem(BenchmarkSystem system, Fleet fleet) => (_system, _fleet) = (system, fleet);

    public ServiceProcesses Processes => _system.Processes;

    public NpgsqlDataSource Postgres => _system.Postgres;

    public HttpClient Gateway => _system.Gateway;

    /// <summary>Below <c>/api/admin/</c>.</summary>
    public HttpClient Api => _system.Api;

    /// <summary>When the first card is due.</summary>
    public DateTimeOffset FirstDueAt { get; private set; }

    /// <summary>From the moment that due times count from until every card was loaded.</summary>
    public TimeSpan BootTime { get; private set; }

    /// <summary>Starts all but the executors, these when every card is loaded.</summary>
    /// <param name="fleet">The cards.</param>
    /// <param name="alsoSql">What else lies in the database.</param>
    public static async Task<WholeSystem> StartAsync(Fleet fleet, string alsoSql = "")
    {
        var system = new WholeSystem(await BenchmarkSystem.StartAsync(durable: false), fleet);
        try
        {
            await system.BootAsync(alsoSql);
            return system;
        }
        catch
        {
            await system.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a scheduler.</summary>
    public void StartScheduler(string name) => _system.StartScheduler(name);

    /// <summary>Cards due and not done, of both tasks, as operators read it.</summary>
    public Task<long> DueAsync() => _system.DueAsync();

    /// <summary>Waits and tells how many cards were answered a second meanwhile.</summary>
    public Task<double> RateAsync(TimeSpan time) => _system.ChecksPerSecondAsync(time);

    /// <summary>
    /// How the cards fared that were due from a moment to another, the last one just over. Due times are spread evenly. Shorter than half the interval,
    /// so that no card has been asked again since.
    /// </summary>
    /// <param name="from">The first moment.</param>
    /// <param name="to">The moment after the last.</param>
    /// <param name="afterCard">Only cards with a greater id.</param>
    public async Task<LoadSample> SampleAsync(DateTimeOffset from, DateTimeOffset to, long afterCard = 0)
    {
        if (to - from > _fleet.Interval / 2)
        {
            throw new InvalidOperationException($"{(to - from).TotalSeconds:F0} s are too long to count: the interval is {_fleet.Interval.TotalSeconds:F0} s.");
        }

        await Task.Delay(Grace);
        await using var command = Postgres.CreateCommand(
            """
            SELECT count(*), coalesce(percentile_cont(0.95) WITHIN GROUP (ORDER BY greatest(0, extract(epoch FROM checked_at - scheduled_at) * 1000)), 0)::float8
            FROM tb_card_poll WHERE scheduled_at >= $1 AND scheduled_at < $2 AND card_id > $3 AND token > 0 AND task_type < 3
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = from.UtcDateTime });
        command.Parameters.Add(new NpgsqlParameter { Value = to.UtcDateTime });
        command.Parameters.Add(new NpgsqlParameter { Value = afterCard });
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        var due = _fleet.CardsDuePerSecond * (to - from).TotalSeconds * (Fleet.Cards - afterCard) / Fleet.Cards;
        return new LoadSample(reader.GetInt64(0) / due, reader.GetDouble(1));
    }

    /// <summary>Waits and tells how the cards fared that were due meanwhile.</summary>
    public async Task<LoadSample> SampleAsync(TimeSpan time, long afterCard = 0)
    {
        var from = DateTimeOffset.UtcNow;
        await Task.Delay(time);
        return await SampleAsync(from, DateTimeOffset.UtcNow, afterCard);
    }

    public Task<T> ScalarAsync<T>(string sql, params object[] values) => _system.ScalarAsync<T>(sql, values);

    public ValueTask DisposeAsync() => _system.DisposeAsync();

    private async Task BootAsync(string alsoSql)
    {
        await _system.ExecuteAsync(_fleet.CardsSql + alsoSql);
        var started = Stopwatch.GetTimestamp();
        FirstDueAt = DateTimeOffset.UtcNow + (_fleet.FirstDueIn ?? TimeSpan.Zero);
        await _system.ExecuteAsync(_fleet.ChecksSql);
        _system.StartGateway([new("MockGateway__Behaviour__Latency__Enabled", "false")]);
        _system.StartApi();
        for (var i = 1; i <= Schedulers; i++)
        {
            StartScheduler($"scheduler-{i}");
        }

        await _system.UntilInitialisedAsync(Patience);
        for (var i = 1; i <= Executors; i++)
        {
            _system.StartExecutor($"executor-{i}");
        }

        BootTime = Stopwatch.GetElapsedTime(started);
    }
}
