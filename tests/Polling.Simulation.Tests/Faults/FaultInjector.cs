using Polling.Core.Cards;
using Polling.Core.Carriers;
using Polling.Core.Queue.Placement;
using Polling.Simulation.Tests.Events;
using Polling.Simulation.Tests.World;

namespace Polling.Simulation.Tests.Faults;

/// <summary>Decides, between every two steps of every process, whether something goes wrong there, and counts what did.</summary>
/// <param name="system">The system.</param>
/// <param name="random">Draws; of its own, so that faults do not shift what carriers answer.</param>
/// <param name="perStep">Chance of a fault at each step of a call or a pass; waiting for work is no step.</param>
internal sealed class FaultInjector(SimulatedSystem system, Random random, double perStep)
{
    private readonly Dictionary<string, int> _counts = [];
    private readonly Machine _operators = new("operators");

    private SimulatedWorld World => system.World;

    /// <summary>No faults any more from this moment, Unix ms.</summary>
    public long UntilMs { get; set; }

    public IReadOnlyDictionary<string, int> Counts => _counts;

    public int Total => _counts.Values.Sum();

    private bool Rests => World.NowMs >= UntilMs;

    /// <summary>Between two steps.</summary>
    public async Task BetweenAsync(Actor actor)
    {
        if (Rests || actor.Step is "idle" or "start" || random.NextDouble() >= perStep)
        {
            return;
        }

        switch (random.Next(100))
        {
            case < 20:
                Kill(actor);
                break;
            case < 40:
                StandStill(actor);
                break;
            case < 42:
                await LoseRedisAsync();
                break;
            case < 44:
                RestartRedis();
                break;
            case < 48:
                Count("scripts flushed");
                await World.Redis.LoseScriptsAsync();
                break;
            case < 64:
                if (await new Deletions(World, random).DeleteAsync() is { } deleted)
                {
                    Count(deleted);
                }

                break;
            case < 68:
                ChangePermits();
                break;
            case < 72:
                ChangeAccount();
                break;
            case < 75:
                ChangeIntervals();
                break;
            case < 80:
                ChangeCard();
                break;
            case < 84:
                AskByHand();
                break;
            case < 90:
                Count("PostgreSQL away");
                World.Database.AwayUntilMs = World.NowMs + random.Next(2_000, random.Next(4) == 0 ? 180_000 : 30_000);
                break;
            default:
                TroubleCarrier();
                break;
        }
    }

    /// <summary>Whether what an actor asks of Redis arrives, and its answer.</summary>
    public Delivery Deliver(Actor actor)
    {
        if (Rests || actor.Machine == _operators || random.NextDouble() >= perStep / 2)
        {
            return Delivery.Whole;
        }

        var lost = random.Next(2) == 0 ? Delivery.NotRun : Delivery.AnswerLost;
        Count(lost == Delivery.NotRun ? "request lost" : "answer lost");
        return lost;
    }

    /// <summary>Whether a commit's answer is lost.</summary>
    public bool LosesCommit(Actor actor)
    {
        var loses = !Rests && actor.Machine.IsAlive && random.NextDouble() < perStep;
        if (loses)
        {
            Count("commit's answer lost");
        }

        return loses;
    }

    private void Count(string fault)
    {
        _counts[fault] = _counts.GetValueOrDefault(fault) + 1;
        World.Log("fault", fault);
    }

    private void Kill(Actor actor)
    {
        var back = TimeSpan.FromMilliseconds(random.Next(500, 20_000));
        for (var i = 0; i < system.Executors.Count; i++)
        {
            if (system.Executors[i].Machine == actor.Machine)
            {
                Count($"executor killed at {actor.Step}");
                system.Executors[i].Kill();
                system.StartExecutor(i, back);
            }
        }

        for (var i = 0; i < system.Schedulers.Count; i++)
        {
            if (system.Schedulers[i].Machine == actor.Machine)
            {
                Count($"scheduler killed at {actor.Step}");
                system.Schedulers[i].Kill();
                system.StartScheduler(i, back);
            }
        }
    }

    // Every other time for longer than a lease.
    private void StandStill(Actor actor)
    {
        Count($"stood still at {actor.Step}");
        var ms = random.Next(2) == 0 ? random.Next(100, 20_000) : random.Next(31_000, 60_000);
        actor.Machine.StandStill(World.Loop.NowUs + ms * 1_000L);
    }

    private async Task LoseRedisAsync()
    {
        Count("Redis lost everything");
        await World.Redis.LoseEverythingAsync();
        World.Checks.Lose(World.Database.Cards.Select(c => c.Id), World.NowMs + (long)Deletions.FoundWithin.TotalMilliseconds);
        World.Checks.Forget();
        SimulatedWorld.Send(World.Changed);
    }

    private void RestartRedis()
    {
        Count("Redis restarted");
        World.Redis.Restarted();
        SimulatedWorld.Send(World.Changed);
    }

    private void ChangePermits()
    {
        Count("permits changed");
        World.Permits = random.Next(1, World.Options.Permits + 1);
        SimulatedWorld.Send(World.Changed);
    }

    private void ChangeAccount()
    {
        var account = World.Accounts.Values.ElementAt(random.Next(World.Accounts.Count));
        if (random.Next(2) == 0)
        {
            Count("quota changed");
            account.CallsPerSecond = random.Next(1, 20);
        }
        else
        {
            Count("account paused");
            account.Status = AccountStatus.Paused;
            Later(TimeSpan.FromMilliseconds(random.Next(2_000, 120_000)), () =>
            {
                account.Status = AccountStatus.Active;
                SimulatedWorld.Send(World.Changed);
                return Task.CompletedTask;
            });
        }

        SimulatedWorld.Send(World.Changed);
    }

    // Half as long, or twice; later they are as before.
    private void ChangeIntervals()
    {
        var account = World.Accounts.Keys.ElementAt(random.Next(World.Accounts.Count));
        var times = random.Next(2) == 0 ? 0.5 : 2;
        Count(times < 1 ? "intervals shortened" : "intervals lengthened");
        World.ChangeIntervals(account, times);
        Later(TimeSpan.FromMilliseconds(random.Next(1_000, 3_600_000)), () =>
        {
            World.ChangeIntervals(account, 1 / times);
            return Task.CompletedTask;
        });
    }

    // What an operator changes is a row first; placing it may fail, then the audit finds it.
    private void ChangeCard()
    {
        var card = World.Database.Cards.ElementAt(random.Next(World.Database.Cards.Count));
        card.Version++;
        World.Checks.MayBeAsked(card.Id);
        if (card.Status == CardStatus.Terminated)
        {
            Count("card active again");
            card.Status = CardStatus.Active;
            World.Checks.Lose([card.Id], World.NowMs + (long)Deletions.FoundWithin.TotalMilliseconds);
        }
        else if (random.Next(2) == 0)
        {
            Count("card terminated");
            card.Status = CardStatus.Terminated;
        }
        else
        {
            Count("card moved");
            card.Account = World.Accounts.Keys.ElementAt(random.Next(World.Accounts.Count));
        }

        Later(TimeSpan.FromMilliseconds(random.Next(1, 50)), async () =>
        {
            if ((string?)await World.Redis.Database.HashGetAsync(World.Redis.Keys.Epoch(SimulatedWorld.Type), "epoch") is { } epoch
                && await World.Redis.Database.HashExistsAsync(World.Redis.Keys.Accounts(SimulatedWorld.Type), card.Account))
            {
                World.Redis.SetNow(World.Loop.NowUs);
                await World.Redis.Placement.PlaceAsync(SimulatedWorld.Type, epoch, [new CardToPlace(card.Facts, card.CheckedMs)]);
                SimulatedWorld.Send(World.Placed);
            }
        });
    }

    // No fault, but it comes when it likes, too.
    private void AskByHand() => Later(TimeSpan.FromMilliseconds(random.Next(1, 50)), async () =>
    {
        if (await World.Redis.Database.HashExistsAsync(World.Redis.Keys.Epoch(SimulatedWorld.Type), "epoch"))
        {
            var cards = Enumerable.Range(0, random.Next(1, 20)).Select(_ => World.Database.Cards.ElementAt(random.Next(World.Database.Cards.Count)).Id);
            World.Redis.SetNow(World.Loop.NowUs);
            var answers = await World.Redis.Manual.RequestAsync(SimulatedWorld.Type, "by-hand", [.. cards.Distinct()]);
            World.Log("operator", $"asks by hand: {string.Join(' ', answers)}");
            SimulatedWorld.Send(World.Placed);
        }
    });

    private void TroubleCarrier()
    {
        var side = World.Carrier.Side(World.Accounts.Keys.ElementAt(random.Next(World.Accounts.Count)));
        side.Trouble = (CarrierTrouble)random.Next(1, 6);
        side.TroubleUntilMs = World.NowMs + random.Next(1_000, 120_000);
        Count($"carrier {side.Trouble}");
    }

    private void Later(TimeSpan after, Func<Task> what) => World.Loop.Start(_operators, "operator", _ => what(), after);
}
