using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Polling.Core.Cards;
using Polling.Core.Configuration;
using Polling.Core.Queue;
using Polling.Core.Queue.Audit;
using Polling.Core.Queue.Claims;
using Polling.Core.Queue.Completion;
using Polling.Core.Queue.Facts;
using Polling.Core.Queue.Gauges;
using Polling.Core.Queue.Intervals;
using Polling.Core.Queue.Lateness;
using Polling.Core.Queue.Manual;
using Polling.Core.Queue.Permits;
using Polling.Core.Queue.Placement;
using Polling.Core.Queue.Promotion;
using Polling.Core.Queue.Quarantine;
using Polling.Core.Queue.Quotas;
using Polling.Core.Queue.Renewal;
using Polling.Core.Queue.Scripts;
using Polling.Core.Queue.Signals;
using Polling.Core.Statistics.Windows;
using StackExchange.Redis;

namespace Polling.Queue.Tests.Harness;

/// <summary>
/// The real scripts on a real server, at a time that the test sets: only the include that reads Redis TIME is replaced.
/// Seeds and reads in the words of the domain.
/// </summary>
internal sealed class TestQueue
{
    public const TaskType Type = TaskType.Realname;
    public const string Epoch = "7";
    private const string NowKey = "test:now_us";

    // In a cluster it lies in every slot that scripts run in.
    internal const string NowFromKey = $$"""
        local now_us = tonumber(redis.call('GET', '{{NowKey}}' .. (string.match(KEYS[1], '{.-}') or '')))
        local now_ms = math.floor(now_us / 1000)
        """;

    // Of account ids that tests use.
    private const int AccountMax = 9;

    private TestQueue(ConnectionMultiplexer redis, RedisKeys keys)
    {
        Keys = keys;
        var runner = new ScriptRunner(redis, new ScriptLibrary(new Dictionary<string, string> { ["now"] = NowFromKey }));
        Redis = redis.GetDatabase();
        Placement = new PlacementScript(runner, Keys);
        Promotion = new PromotionScript(runner, Keys, redis);
        Claims = new ClaimScripts(runner, Keys);
        Quotas = new QuotaGate(runner, Keys);
        Completion = new CompletionScript(runner, Keys);
        Gauges = new GaugeScript(runner, Keys);
        Writer = new TallyWriter(Tally, runner, Keys, TimeProvider.System, NullLogger<TallyWriter>.Instance);
        Windows = new WindowStatisticsReader(redis, Keys);
        Manual = new ManualRequests(runner, Keys, Claims, new QueueSignals(redis), redis);
        Settled = new SettledRequests(runner, Keys, redis);
        Renewal = new RenewalScript(runner, Keys);
        Places = new CardPlaceReader(runner, Keys);
        Permits = new PermitScripts(runner, Keys, redis);
        Quarantine = new QuarantineScripts(runner, Keys, redis);
        Release = new QuarantineRelease(Quarantine, Claims, new QueueSignals(redis), Keys, redis);
        Audit = new QueueAudit(runner, Keys, redis);
        Move = new MoveScript(runner, Keys);
    }

    public IDatabase Redis { get; }

    public RedisKeys Keys { get; }

    public PlacementScript Placement { get; }

    public PromotionScript Promotion { get; }

    public ClaimScripts Claims { get; }

    public QuotaGate Quotas { get; }

    public CompletionScript Completion { get; }

    public GaugeScript Gauges { get; }

    /// <summary>What a process counts, and its way into the windows.</summary>
    public Tally Tally { get; } = new();

    public TallyWriter Writer { get; }

    public WindowStatisticsReader Windows { get; }

    public ManualRequests Manual { get; }

    public SettledRequests Settled { get; }

    public RenewalScript Renewal { get; }

    public CardPlaceReader Places { get; }

    public QuarantineRelease Release { get; }

    public PermitScripts Permits { get; }

    public QuarantineScripts Quarantine { get; }

    public QueueAudit Audit { get; }

    public MoveScript Move { get; }

    /// <summary>The scripts' time, Unix ms.</summary>
    public long NowMs { get; private set; } = 1_800_000_000_000;

    public DateTimeOffset Now => DateTimeOffset.FromUnixTimeMilliseconds(NowMs);

    public List<int> Accounts { get; } = [];

    private long _sequence;
    private readonly Dictionary<string, CallFacts> _facts = [];

    public static async Task<TestQueue> StartAsync(Engines engines, Engine engine)
    {
        var queue = new TestQueue(await engines.ConnectAsync(engine), Engines.KeysOf(engine));
        await queue.Redis.HashSetAsync(queue.Keys.Epoch(Type), [new("epoch", Epoch), new("run_id", "test")]);
        await queue.AdvanceAsync(TimeSpan.Zero);
        await queue.AllowAsync(permits: 1000);
        return queue;
    }

    public async Task AdvanceAsync(TimeSpan by)
    {
        NowMs += (long)by.TotalMilliseconds;
        var tags = Keys.Layout == KeyLayout.Contract
            ? [""]
            : TaskTypes.All.Select(type => type.Name()).Concat(Enumerable.Range(1, AccountMax).Select(id => $"{id}")).Select(tag => $"{{{tag}}}");
        await Task.WhenAll(tags.Select(tag => Redis.StringSetAsync(NowKey + tag, NowMs * 1000)));
    }

    /// <summary>What the scripts let expire goes by the server's own time, not by the test's: on a slow machine it would be gone too early.</summary>
    public Task KeepAsync() => Task.WhenAll(Accounts.Select(a => Redis.KeyPersistAsync(Keys.QuotaWindow(a))).Append(Redis.KeyPersistAsync(Keys.ConcurrencyCurrent(Type))));

    public Task AllowAsync(int permits) => Redis.StringSetAsync(Keys.ConcurrencyConfig(Type), permits);

    /// <summary>An account whose cards are asked every hour when real-named, else every minute.</summary>
    public async Task AddAccountAsync(
        int id, int callsPerSecond = 1000, int cardsPerCall = 10, int weight = 100, bool active = true, int inFlight = 1000,
        IReadOnlyList<IntervalRule>? rules = null)
    {
        rules ??= [new(null, 0, null, 60_000, 1), new(null, 1, null, 3_600_000, 2)];
        await Redis.HashSetAsync(Keys.Accounts(Type), id, new AccountEntry(callsPerSecond, cardsPerCall, weight, active, new IntervalRules(rules)).ToString());
        await Redis.HashSetAsync(Keys.AccountLimits(id),
            [new("calls_per_second", callsPerSecond), new("max_in_flight", inFlight), new("status", active ? 1 : 0)]);
        if (!Accounts.Contains(id))
        {
            Accounts.Add(id);
        }
    }

    public static CardFacts Card(
        long id, int account = 1, RealNameStatus realName = RealNameStatus.NotRealNamed, long version = 1, CardStatus status = CardStatus.Active) =>
        new(id, account, status, realName, 0, version, string.Create(CultureInfo.InvariantCulture, $"8986{id:D16}"));

    public Task<PlacementCounts> PlaceAsync(params IEnumerable<CardFacts> cards) =>
        Placement.PlaceAsync(Type, Epoch, [.. cards.Select(c => new CardToPlace(c, 0))]);

    /// <summary>Cards whose due times have come: placed, and their first minute waited out.</summary>
    public async Task PlaceDueAsync(params IEnumerable<CardFacts> cards)
    {
        await PlaceAsync(cards);
        await AdvanceAsync(PlacementScript.FirstSpread);
    }

    public Task<PromotionPass> PromoteAsync() => Promotion.PromoteAsync(Type);

    /// <summary>Claims calls, and reads their cards' facts as an executor does at once.</summary>
    public async Task<IReadOnlyList<ClaimedCall>> ClaimAsync(int calls = 1000, string executor = "e1")
    {
        var claimed = (await Claims.ClaimAsync(Type, executor, ++_sequence, calls, Lease, Permit)).Calls;
        foreach (var call in claimed)
        {
            _facts[call.Id] = await Claims.ReadFactsAsync(Type, call.Cards);
        }

        return claimed;
    }

    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    public static readonly TimeSpan Permit = TimeSpan.FromSeconds(20);

    /// <summary>Completes a call with the facts that were read when it was claimed.</summary>
    public Task<CompletionStatus> CompleteAsync(ClaimedCall call, CardOutcome outcome = CardOutcome.Checked) => Completion.CompleteAsync(
        call, [.. call.Cards.Select(c => new CompletedCard(c.CardId, outcome, null, TimeSpan.FromSeconds(30)))], TimeSpan.FromMilliseconds(100), FactsOf(call));

    /// <summary>The facts that were read when the call was claimed.</summary>
    public CallFacts? FactsOf(ClaimedCall call) => _facts.GetValueOrDefault(call.Id);

    /// <summary>Moves an account's schedule to its rules of now, when its cards were last checked as told; a test's schedule is one page.</summary>
    /// <returns>Null: the rules are others than these.</returns>
    public async Task<MoveReply?> MoveAsync(Func<long, long> checkedMs, int account = 1, string? rules = null)
    {
        var ids = (await Redis.SortedSetRangeByRankAsync(Keys.Schedule(Type, account))).Select(c => (long)c).ToArray();
        rules ??= AccountEntry.RulesOf((await Redis.HashGetAsync(Keys.Accounts(Type), account))!).ToString();
        var reply = new MoveReply(0, 0, []);
        foreach (var page in ids.Chunk(MoveScript.CardsPerScript))
        {
            if (await Move.MoveAsync(Type, Epoch, account, rules, page, page.ToDictionary(id => id, checkedMs)) is not { } part)
            {
                return null;
            }

            reply = new MoveReply(reply.Moved + part.Moved, reply.Ended + part.Ended, [.. reply.Open, .. part.Open]);
        }

        return reply;
    }

    public Task<QueueFigures> FiguresAsync() => Gauges.PublishAsync(Type, Accounts);

    /// <summary>Due time of a scheduled card, or null.</summary>
    public async Task<long?> DueMsAsync(long cardId, int account = 1) =>
        (long?)await Redis.SortedSetScoreAsync(Keys.Schedule(Type, account), cardId);

    /// <summary>Every place of every card, by name; a card in no place is missing, one in two has two.</summary>
    public async Task<ILookup<long, string>> PlacesAsync()
    {
        var places = new List<(long Card, string Place)>();
        foreach (var account in Accounts)
        {
            places.AddRange((await Redis.SortedSetRangeByRankAsync(Keys.Schedule(Type, account))).Select(c => ((long)c, $"schedule {account}")));
        }

        places.AddRange((await Redis.SortedSetRangeByRankAsync(Keys.Queue(Type))).Select(c => ((long)c, "queue")));
        places.AddRange((await Redis.SortedSetRangeByRankAsync(Keys.Quarantine(Type))).Select(c => ((long)c, "quarantine")));
        foreach (var call in await Redis.HashGetAllAsync(Keys.Calls(Type)))
        {
            places.AddRange(ClaimedCall.Parse(Type, 0, 0, call.Name!, call.Value!).Cards.Select(c => (c.CardId, "lease")));
        }

        return places.ToLookup(p => p.Card, p => p.Place);
    }

    public async Task<int?> CurrentAsync() => (int?)await Redis.StringGetAsync(Keys.ConcurrencyCurrent(Type));

    public async Task<CardFacts?> CachedAsync(long cardId)
    {
        var packed = (byte[]?)await Redis.HashGetAsync(Keys.CardBucket(Type, cardId), cardId % RedisKeys.CardsPerBucket);
        return packed is null ? null : CardFactsCodec.Unpack(cardId, packed);
    }
}
