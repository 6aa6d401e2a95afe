#:package Hangfire.Core@1.8.25
#:package Hangfire.Redis.StackExchange@1.12.0
#:property PublishAot=false

// Jobs a second of Hangfire's recurring jobs: one for each entity, no-op jobs, each due every second, so always overdue. It prints one JSON object.
// Arguments: port, entities, longest registration (s), warm-up (s), window (s), workers, schedulers in parallel.
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Hangfire;
using Hangfire.Common;
using Hangfire.Redis.StackExchange;
using StackExchange.Redis;

const string Prefix = "hangfire:";
const string EverySecond = "* * * * * *";
const int Registrars = 32;
var numbers = Array.ConvertAll(args, text => int.Parse(text, CultureInfo.InvariantCulture));
var (port, entities, workers, schedulers) = (numbers[0], numbers[1], numbers[5], numbers[6]);
var (registration, warmUp, window) = (TimeSpan.FromSeconds(numbers[2]), TimeSpan.FromSeconds(numbers[3]), TimeSpan.FromSeconds(numbers[4]));
ThreadPool.SetMinThreads(256, 64);
using var redis = ConnectionMultiplexer.Connect($"127.0.0.1:{port}");
var storage = new RedisStorage(redis, new RedisStorageOptions { Prefix = Prefix });
JobStorage.Current = storage;
var manager = new RecurringJobManager(storage);
var method = typeof(Card).GetMethod(nameof(Card.Check))!;
var registered = 0;
var started = Stopwatch.GetTimestamp();
Parallel.For(0, entities, new ParallelOptions { MaxDegreeOfParallelism = Registrars }, (card, state) =>
{
    manager.AddOrUpdate($"card-{card}", new Job(method, card), EverySecond);
    Interlocked.Increment(ref registered);
    if (Stopwatch.GetElapsedTime(started) > registration)
    {
        state.Stop();
    }
});
Console.WriteLine($"registered {registered} in {Stopwatch.GetElapsedTime(started).TotalSeconds:F0} s");
var server = new BackgroundJobServer(new BackgroundJobServerOptions
{
    WorkerCount = workers,
    MaxDegreeOfParallelismForSchedulers = schedulers,
    SchedulePollingInterval = TimeSpan.FromMilliseconds(100),
}, storage);
await Task.Delay(warmUp);
var (before, from) = (Card.Checked, Stopwatch.GetTimestamp());
await Task.Delay(window);
var (after, took) = (Card.Checked, Stopwatch.GetElapsedTime(from));
var overdue = redis.GetDatabase().SortedSetLength(Prefix + "recurring-jobs", 0, DateTimeOffset.UtcNow.ToUnixTimeSeconds());
Console.WriteLine(JsonSerializer.Serialize(new
{
    version = $"Hangfire {Version(typeof(BackgroundJobServer))}, Hangfire.Redis.StackExchange {Version(typeof(RedisStorage))}",
    settings = $"{workers} workers, {schedulers} schedulers in parallel, polling every 100 ms",
    entities = registered,
    jobsPerSecond = (after - before) / took.TotalSeconds,
    askedPerSecond = registered,
    overdue,
}));
// Its good order would take minutes when there is so much to do.
GC.KeepAlive(server);
Environment.Exit(0);

static string Version(Type type) => type.Assembly.GetName().Version!.ToString(3);

/// <summary>The job.</summary>
public static class Card
{
    private static long _checked;

    public static long Checked => Interlocked.Read(ref _checked);

    public static void Check(int card) => Interlocked.Increment(ref _checked);
}
