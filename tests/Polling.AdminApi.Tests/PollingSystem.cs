using System.Diagnostics;
using StackExchange.Redis;

[assembly: AssemblyFixture(typeof(Polling.AdminApi.Tests.PollingSystem))]

namespace Polling.AdminApi.Tests;

/// <summary>An admin API with a scheduler beside it, and no executor: cards are placed and admitted, and wait in the queue.</summary>
public sealed class PollingSystem : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("polling-scheduler-");
    private Process? _scheduler;
    private ConnectionMultiplexer? _redis;

    // Webhooks may be sent to receivers of the tests.
    public static readonly (string Key, string Value) Loopback = ("Polling__Webhooks__AllowedNetworks__0", "127.0.0.0/8");

    // Tests ask without a key as often as they like.
    public ApiProcess Api { get; init; } = new() { Settings = [Loopback, ("Polling__Access__AnonymousPerSecond", "10000")] };

    public IDatabase Redis => _redis!.GetDatabase();

    public async ValueTask InitializeAsync()
    {
        await Api.InitializeAsync();
        _redis = await ConnectionMultiplexer.ConnectAsync(Api.Redis);
        StartScheduler();

        // 25 demo cards, placed for each of three tasks.
        await UntilAsync(TimeSpan.FromSeconds(60), async () => (string?)await Redis.HashGetAsync("polling:init:progress", "state") == "done");
    }

    /// <summary>Starts a scheduler, after the last one was killed.</summary>
    public void StartScheduler()
    {
        _scheduler = ApiProcess.StartProgram(
            "Polling.Scheduler.dll",
            _folder.FullName,
            ("ASPNETCORE_ENVIRONMENT", "Development"),
            ("ASPNETCORE_URLS", "http://127.0.0.1:0"),
            ("ConnectionStrings__redis", Api.Redis),
            ("ConnectionStrings__polling", Api.Postgres),
            Loopback);
        _scheduler.OutputDataReceived += (_, _) => { };
        _scheduler.ErrorDataReceived += (_, _) => { };
        _scheduler.BeginOutputReadLine();
        _scheduler.BeginErrorReadLine();
    }

    /// <summary>kill -9 of the scheduler.</summary>
    public async Task KillSchedulerAsync()
    {
        if (_scheduler is { } scheduler)
        {
            scheduler.Kill();
            await scheduler.WaitForExitAsync();
            scheduler.Dispose();
            _scheduler = null;
        }
    }

    /// <summary>What the schedulers have written to their log.</summary>
    public Task<string> WorkerLogAsync() => File.ReadAllTextAsync(Path.Combine(_folder.FullName, "logs", "worker.log"));

    public async ValueTask DisposeAsync()
    {
        await KillSchedulerAsync();
        if (_redis is not null)
        {
            await _redis.DisposeAsync();
        }

        await Api.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    /// <summary>Waits until the condition holds.</summary>
    /// <exception cref="TimeoutException">It does not within the time.</exception>
    public static async Task UntilAsync(TimeSpan patience, Func<Task<bool>> condition)
    {
        var started = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(started) > patience)
            {
                throw new TimeoutException($"The condition did not hold within {patience}.");
            }

            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }
}
