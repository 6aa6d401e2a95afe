using Polling.Core.Cards;
using Polling.Core.Queue.Quotas;
using Polling.Simulation.Tests.Events;

namespace Polling.Simulation.Tests.World;

/// <summary>What the carrier says of a card; null = an error about this card.</summary>
internal sealed record CardAnswer(long CardId, RealNameStatus? RealName);

/// <summary>A call under way and its answer, when there is one.</summary>
internal sealed class Exchange(int account, string attempt, IReadOnlyList<CardRecord> cards)
{
    public int Account { get; } = account;

    public string Attempt { get; } = attempt;

    public IReadOnlyList<CardRecord> Cards { get; } = cards;

    public Signal Answered { get; } = new();

    /// <summary>Null = none yet.</summary>
    public AttemptResult? Result { get; set; }

    public IReadOnlyList<CardAnswer> Answers { get; set; } = [];
}

/// <summary>
/// The carriers: latency, failures, throttling, and their own count of each account's calls in every window of a second, which must
/// never be more than its quota.
/// </summary>
internal sealed class Carrier(EventLoop loop, History history, Random random, SimulationOptions options)
{
    // A change of a quota counts for calls that were granted before it and are on their way.
    private const long ChangeUs = 1_200_000;
    private const long SecondUs = 1_000_000;
    private readonly Machine _machine = new("carrier");
    private readonly Dictionary<int, CarrierSide> _accounts = [];

    public IReadOnlyDictionary<int, CarrierSide> Accounts => _accounts;

    /// <summary>More calls than an account's quota arrived within a second.</summary>
    public List<string> Violations { get; } = [];

    /// <summary>Cards that are asked in vain, always.</summary>
    public HashSet<long> Broken { get; } = [];

    /// <summary>The quotas that are in force from now on.</summary>
    public void Publish(int account, int callsPerSecond)
    {
        var side = Side(account);
        if (side.Quotas.Count == 0 || side.Quotas[^1].CallsPerSecond != callsPerSecond)
        {
            side.Quotas.Add((loop.NowUs, callsPerSecond));
        }
    }

    public CarrierSide Side(int account)
    {
        if (!_accounts.TryGetValue(account, out var side))
        {
            _accounts.Add(account, side = new CarrierSide());
        }

        return side;
    }

    /// <summary>Sends a call. It arrives and is counted, whatever becomes of its sender meanwhile.</summary>
    public Exchange Send(int account, string attempt, IReadOnlyList<CardRecord> cards)
    {
        var exchange = new Exchange(account, attempt, cards);
        loop.Start(_machine, $"carrier {account}", actor => AnswerAsync(actor, exchange), TimeSpan.FromMilliseconds(random.Next(1, options.TransitMsMax + 1)));
        return exchange;
    }

    private async Task AnswerAsync(Actor actor, Exchange exchange)
    {
        var side = Side(exchange.Account);
        Count(side, exchange);
        var trouble = loop.NowMs < side.TroubleUntilMs ? side.Trouble : CarrierTrouble.None;
        var latency = random.Next(options.LatencyMsMin, options.LatencyMsMax);
        switch (trouble)
        {
            case CarrierTrouble.Slow:
                latency *= random.Next(5, 50);
                break;
            case CarrierTrouble.Silent:
                latency = 20_000;
                break;
            case CarrierTrouble.Throttling or CarrierTrouble.Failing or CarrierTrouble.Broken:
                latency = random.Next(1, 20);
                break;
        }

        await actor.PauseAsync(TimeSpan.FromMilliseconds(latency));
        exchange.Result = trouble switch
        {
            CarrierTrouble.Throttling => AttemptResult.Throttled,
            CarrierTrouble.Failing => AttemptResult.Refused,
            CarrierTrouble.Broken or CarrierTrouble.Silent => AttemptResult.Transport,
            _ => AttemptResult.Ok,
        };
        if (exchange.Result == AttemptResult.Ok)
        {
            exchange.Answers = [.. exchange.Cards.Select(Answer)];
        }

        history.Add(loop.NowUs, actor.Name, $"{exchange.Attempt} {exchange.Result}");
        exchange.Answered.Set();
    }

    private CardAnswer Answer(CardRecord card)
    {
        var draw = random.Next(1000);
        if (Broken.Contains(card.Id) || draw < 2)
        {
            return new CardAnswer(card.Id, null);
        }

        // Now and then somebody is real-named, and much more rarely no longer.
        var realName = card.RealName;
        if (realName == RealNameStatus.NotRealNamed ? draw > 985 : draw > 996)
        {
            realName = realName == RealNameStatus.NotRealNamed ? RealNameStatus.RealNamed : RealNameStatus.NotRealNamed;
        }

        return new CardAnswer(card.Id, realName);
    }

    private void Count(CarrierSide side, Exchange exchange)
    {
        side.Calls++;
        side.Cards += exchange.Cards.Count;
        side.Window.Enqueue(loop.NowUs);
        while (side.Window.Peek() <= loop.NowUs - SecondUs)
        {
            side.Window.Dequeue();
        }

        side.WindowMax = Math.Max(side.WindowMax, side.Window.Count);
        var inForce = side.Quotas.Where((_, i) => i == side.Quotas.Count - 1 || side.Quotas[i + 1].SinceUs > loop.NowUs - ChangeUs).ToArray();
        if (side.Window.Count > inForce.Max(q => q.CallsPerSecond))
        {
            Violations.Add(
                $"{loop.NowUs}: account {exchange.Account} had {side.Window.Count} calls in a second at {exchange.Attempt}; "
                + $"allowed {string.Join(", ", inForce)}");
        }
    }
}

/// <summary>How a carrier fails.</summary>
internal enum CarrierTrouble
{
    None,

    /// <summary>Takes long.</summary>
    Slow,

    /// <summary>Never answers.</summary>
    Silent,

    /// <summary>Breaks connections.</summary>
    Broken,

    /// <summary>5xx.</summary>
    Failing,

    /// <summary>429, though the quota was not exceeded.</summary>
    Throttling,
}

/// <summary>The carrier's side of an account.</summary>
internal sealed class CarrierSide
{
    public List<(long SinceUs, int CallsPerSecond)> Quotas { get; } = [];

    /// <summary>Times of the calls of the last second, µs.</summary>
    public Queue<long> Window { get; } = new();

    public int WindowMax { get; set; }

    public long Calls { get; set; }

    public long Cards { get; set; }

    public CarrierTrouble Trouble { get; set; }

    public long TroubleUntilMs { get; set; }
}
