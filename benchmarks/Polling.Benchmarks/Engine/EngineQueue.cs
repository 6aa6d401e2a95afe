using Polling.Core.Cards;
using Polling.Core.Configuration;
using Polling.Core.Persistence.Accounts;
using Polling.Core.Queue;
using Polling.Core.Queue.Audit;
using Polling.Core.Queue.Claims;
using Polling.Core.Queue.Completion;
using Polling.Core.Queue.Facts;
using Polling.Core.Queue.Placement;
using Polling.Core.Queue.Promotion;
using Polling.Core.Queue.Quotas;
using Polling.Core.Queue.Scripts;
using StackExchange.Redis;

namespace Polling.Benchmarks.Engine;

/// <summary>The queue's real classes over one connection, and the fleet that they are measured with.</summary>
internal sealed class EngineQueue(IConnectionMultiplexer redis)
{
    public const int Accounts = 50;
    private const string EpochInForce = "1";
    private const int PerPlacement = 50_000;
    private const int Unlimited = 1_000_000;
    private readonly ScriptRunner _runner = new(redis, new ScriptLibrary());

    public RedisKeys Keys { get; } = new(KeyLayout.Contract);

    public IDatabase Redis { get; } = redis.GetDatabase();

    public IServer Server { get; } = redis.GetServers()[0];

    public PromotionScript Promotion => field ??= new PromotionScript(_runner, Keys, redis);

    public ClaimScripts Claims => field ??= new ClaimScripts(_runner, Keys);

    public CompletionScript Completion => field ??= new CompletionScript(_runner, Keys);

    public QuotaGate Quotas => field ??= new QuotaGate(_runner, Keys);

    public QueueAudit Audit => field ??= new QueueAudit(_runner, Keys, redis);

    private PlacementScript Placement => field ??= new PlacementScript(_runner, Keys);

    /// <summary>An empty Redis with 50 accounts whose limits are all in force and as high as they go, and its permits.</summary>
    /// <param name="cardsPerCall">Cards that a call can name.</param>
    /// <param name="interval">Every card's interval.</param>
    /// <param name="callsPerSecond">Of each account.</param>
    /// <param name="permits">Of each task type.</param>
    public async Task PublishAsync(int cardsPerCall, TimeSpan interval, int callsPerSecond = Unlimited, int permits = 2_000)
    {
        await Server.FlushAllDatabasesAsync();
        var runId = (string)(await Redis.ExecuteAsync("INFO", "server"))!;
        runId = runId.Split("run_id:")[1].Split('\r')[0];
        var now = DateTimeOffset.FromUnixTimeMilliseconds(await NowMsAsync());
        foreach (var type in TaskTypes.All)
        {
            await Redis.HashSetAsync(Keys.Epoch(type), [new("epoch", EpochInForce), new("run_id", runId)]);
            await Redis.StringSetAsync(Keys.ConcurrencyConfig(type), permits);
            var entry = new AccountEntry(callsPerSecond, cardsPerCall, 100, true, new IntervalRules([new(null, null, null, (long)interval.TotalMilliseconds, 1)])).ToString();
            await Redis.HashSetAsync(Keys.Accounts(type), [.. Enumerable.Range(1, Accounts).Select(id => new HashEntry(id, entry))]);
        }

        for (var id = 1; id <= Accounts; id++)
        {
            var account = new Core.Carriers.CarrierAccount
            {
                Id = id,
                Code = $"A{id}",
                Name = $"A{id}",
                CallsPerSecond = callsPerSecond,
                CardsPerCall = cardsPerCall,
                MaxInFlight = 100_000,
                CallsPer5Minutes = 300 * Unlimited,
                CallsPerMonth = Core.Carriers.AccountRules.CallsPerMonthMax,
                CreatedAt = now,
            };
            await Redis.HashSetAsync(Keys.AccountLimits(id), AccountLimits.Of(account, now, runId, reservedPercent: 0));
            // The month's block that PostgreSQL would reserve: all of it.
            if ((await Quotas.AcquireAsync(id, "block", TimeSpan.FromSeconds(1))).Month is { } month)
            {
                await Quotas.GrantAsync(id, month, new MonthBlock(account.CallsPerMonth.Value, account.CallsPerMonth.Value));
            }
        }
    }

    /// <summary>Places cards 1..count, evenly over the accounts; their due times lie on their grids.</summary>
    /// <param name="type">Task type.</param>
    /// <param name="count">Number of cards.</param>
    /// <param name="checkedBefore">How long ago each was checked; its next due time is the first grid point more than six tenths of an interval after it.</param>
    public async Task PlaceAsync(TaskType type, int count, TimeSpan checkedBefore)
    {
        var checkedMs = await NowMsAsync() - (long)checkedBefore.TotalMilliseconds;
        for (var from = 1; from <= count; from += PerPlacement)
        {
            await Placement.PlaceAsync(type, EpochInForce, [.. Enumerable.Range(from, Math.Min(PerPlacement, count - from + 1)).Select(id =>
                new CardToPlace(Card(id), checkedMs))]);
        }
    }

    /// <summary>Publishes and places a fleet for one task type.</summary>
    /// <param name="cards">Number of cards.</param>
    /// <param name="cardsPerCall">Cards that a call can name.</param>
    /// <param name="interval">Every card's interval.</param>
    /// <param name="checkedBefore">How long ago each was checked; default: one interval, so that about half of them are due.</param>
    public async Task FillAsync(int cards, int cardsPerCall, TimeSpan interval, TimeSpan? checkedBefore = null)
    {
        await PublishAsync(cardsPerCall, interval);
        await PlaceAsync(TaskType.Realname, cards, checkedBefore ?? interval);
    }

    /// <summary>Switches the append-only file, fsynced every second, on or off, and waits until it is written whole.</summary>
    public async Task AppendOnlyAsync(bool on)
    {
        await Server.ConfigSetAsync("appendfsync", "everysec");
        await Server.ConfigSetAsync("appendonly", on ? "yes" : "no");
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        for (var i = 0; i < 600 && await timer.WaitForNextTickAsync(); i++)
        {
            var info = (string)(await Redis.ExecuteAsync("INFO", "persistence"))!;
            if (info.Contains("aof_rewrite_in_progress:0", StringComparison.Ordinal) && info.Contains("aof_rewrite_scheduled:0", StringComparison.Ordinal))
            {
                return;
            }
        }

        throw new InvalidOperationException("Redis did not finish its append-only file within a minute.");
    }

    /// <summary>Bytes that Redis uses for its data.</summary>
    public async Task<double> UsedMemoryAsync()
    {
        var info = (string)(await Redis.ExecuteAsync("INFO", "memory"))!;
        return double.Parse(info.Split("used_memory:")[1].Split('\r')[0], System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Cards lie in runs of an account, as they are bought.</summary>
    public static int AccountOf(int id) => id / 1_000 % Accounts + 1;

    /// <summary>A card of the fleet.</summary>
    public static CardFacts Card(int id) => new(id, AccountOf(id), CardStatus.Active, RealNameStatus.RealNamed, 7, 1, $"8986{id:D16}");

    /// <summary>Redis' clock, Unix ms.</summary>
    public async Task<long> NowMsAsync()
    {
        var time = (RedisResult[])(await Redis.ExecuteAsync("TIME"))!;
        return (long)time[0] * 1_000 + (long)time[1] / 1_000;
    }

    /// <summary>CPU time that the server has used so far.</summary>
    public async Task<TimeSpan> ServerCpuAsync()
    {
        var info = ((string)(await Redis.ExecuteAsync("INFO", "cpu"))!).Split("\r\n")
            .Select(line => line.Split(':')).Where(parts => parts.Length == 2).ToDictionary(parts => parts[0], parts => parts[1]);
        double Seconds(string name) => double.Parse(info[name], System.Globalization.CultureInfo.InvariantCulture);
        return TimeSpan.FromSeconds(Seconds("used_cpu_user") + Seconds("used_cpu_sys"));
    }
}
