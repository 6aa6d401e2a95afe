using Polling.Core.Cards;
using Polling.Core.Carriers;
using Polling.Core.Configuration;
using Polling.Core.Queue.Facts;
using Polling.Core.Queue.Quotas;
using Polling.Simulation.Tests.Events;
using Polling.Simulation.Tests.Faults;
using Polling.Simulation.Tests.Invariants;
using StackExchange.Redis;

namespace Polling.Simulation.Tests.World;

/// <summary>Everything there is: time, Redis, the cards, the carriers and what the operators have configured.</summary>
internal sealed class SimulatedWorld : IDisposable
{
    public const TaskType Type = TaskType.Realname;

    /// <summary>2027-01-15 16:00 in Shanghai, on a Friday; no month ends on the simulated day.</summary>
    public const long StartMs = 1_800_000_000_000;

    public SimulatedWorld(ConnectionMultiplexer redis, int seed, SimulationOptions options)
    {
        Seed = seed;
        Options = options;
        Random = new Random(seed);
        Loop = new EventLoop(seed, StartMs * 1000);
        History = new History(Environment.GetEnvironmentVariable("SIMULATION_HISTORY") is { Length: > 0 } file ? $"{file}.{seed}" : null);
        Redis = new SimulatedRedis(redis);
        Carrier = new Carrier(Loop, History, new Random(seed + 1), options);
        Permits = options.Permits;
        Checks = new Watch(this);
    }

    public int Seed { get; }

    public SimulationOptions Options { get; }

    public Random Random { get; }

    public EventLoop Loop { get; }

    public History History { get; }

    public SimulatedRedis Redis { get; }

    public CardDatabase Database { get; } = new();

    public Carrier Carrier { get; }

    public Watch Checks { get; }

    /// <summary>What may go wrong between two steps; null = nothing.</summary>
    public FaultInjector? Faults { get; set; }

    public SortedDictionary<int, CarrierAccount> Accounts { get; } = [];

    public Dictionary<int, IReadOnlyList<IntervalRule>> Rules { get; } = [];

    // What was in force for an account before, and until when it may still be so somewhere, Unix ms.
    private readonly List<(int Account, IReadOnlyList<IntervalRule> Rules, long UntilMs)> _rulesBefore = [];

    /// <summary>Permits that operators allow.</summary>
    public int Permits { get; set; }

    /// <summary>Each executor's, as they listen to Redis' channel.</summary>
    public List<Signal> Admitted { get; } = [];

    /// <summary>Each scheduler's.</summary>
    public List<Signal> Placed { get; } = [];

    /// <summary>Each scheduler's: the configuration or the epoch is worth a look.</summary>
    public List<Signal> Changed { get; } = [];

    public long NowMs => Loop.NowMs;

    public void AddAccount(
        int id, int callsPerSecond, int cardsPerCall, TimeSpan interval, TimeSpan? realNamed = null, int inFlight = 100, int? fiveMinutes = null, long? month = null)
    {
        Accounts.Add(id, new CarrierAccount
        {
            Id = id,
            Code = $"A{id}",
            Name = $"a{id}",
            CallsPerSecond = callsPerSecond,
            CardsPerCall = cardsPerCall,
            MaxInFlight = inFlight,
            CallsPer5Minutes = fiveMinutes,
            CallsPerMonth = month,
            CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(StartMs),
        });
        Rules.Add(id,
        [
            new(null, (int)RealNameStatus.NotRealNamed, null, (long)interval.TotalMilliseconds, 1),
            new(null, (int)RealNameStatus.RealNamed, null, (long)(realNamed ?? interval).TotalMilliseconds, 2),
        ]);
    }

    public AccountEntry EntryOf(CarrierAccount account) => new(
        AccountLimits.PollingShare(account.CallsPerSecond, Options.ReservedPercent), account.CardsPerCall, account.Weight,
        account.Status == AccountStatus.Active, new IntervalRules(Rules[account.Id]));

    /// <summary>The card's interval now, ms; 0 = it is not polled.</summary>
    public long IntervalMsOf(CardRecord card) => new IntervalRules(Rules[card.Account]).IntervalMsOf(card.Facts);

    /// <summary>The shortest interval that the card may be polled by, ms: a change is in force a while later.</summary>
    public long LeastIntervalMsOf(CardRecord card) => _rulesBefore
        .Where(before => before.Account == card.Account && before.UntilMs > NowMs)
        .Select(before => new IntervalRules(before.Rules).IntervalMsOf(card.Facts)).Append(IntervalMsOf(card)).Min();

    /// <summary>An operator makes all intervals of an account as many times as long.</summary>
    public void ChangeIntervals(int account, double times)
    {
        _rulesBefore.Add((account, Rules[account], NowMs + (long)TimeSpan.FromMinutes(15).TotalMilliseconds));
        Rules[account] = [.. Rules[account].Select(rule => rule with { IntervalMs = (long)(rule.IntervalMs * times) })];
        Checks.IntervalsChanged(account);
        Send(Changed);
    }

    public static void Send(List<Signal> listeners) => listeners.ForEach(l => l.Set());

    /// <summary>Something may be due sooner than the schedulers know; one of them looks.</summary>
    public void HintSchedulers()
    {
        if (Placed.Count > 0)
        {
            Placed[Random.Next(Placed.Count)].Set();
        }
    }

    public void Log(string who, string what) => History.Add(Loop.NowUs, who, what);

    public void Dispose() => History.Dispose();
}
