using Polling.Core.Configuration;
using Polling.Core.Queue;
using Polling.Core.Queue.Audit;
using Polling.Core.Queue.Facts;
using Polling.Core.Queue.Placement;
using Polling.Core.Queue.Quotas;
using Polling.Simulation.Tests.Events;
using Polling.Simulation.Tests.World;
using StackExchange.Redis;

namespace Polling.Simulation.Tests.Processes;

/// <summary>A scheduler, pass by pass as the real one: promotion; epoch, configuration and figures; initialisation and audit by one at a time.</summary>
internal sealed class SchedulerProcess
{
    private const int CardsPerBatch = 2_000;
    private const int CardsPerMove = 40;
    private const string Progress = "simulation:progress";
    private static readonly TimeSpan TroublePause = TimeSpan.FromSeconds(1);
    private readonly SimulatedWorld _world;
    private readonly Signal _placed = new();
    private readonly Signal _changed = new();
    private readonly Signal _intervalsChanged = new();
    private readonly Dictionary<long, long> _missingSince = [];

    private SchedulerProcess(SimulatedWorld world, string name)
    {
        _world = world;
        Machine = new Machine(name);
    }

    public Machine Machine { get; }

    private static TaskType Type => SimulatedWorld.Type;

    public static SchedulerProcess Start(SimulatedWorld world, string name, TimeSpan after = default)
    {
        var process = new SchedulerProcess(world, name);
        world.Placed.Add(process._placed);
        world.Changed.Add(process._changed);
        world.Changed.Add(process._intervalsChanged);
        world.Loop.Start(process.Machine, $"{name} gauges", a => process.RepeatAsync(a, process.GaugeAsync), after);
        world.Loop.Start(process.Machine, $"{name} promotes", a => process.RepeatAsync(a, process.PromoteAsync), after);
        world.Loop.Start(process.Machine, $"{name} moves", a => process.RepeatAsync(a, process.MoveAsync), after);
        world.Loop.Start(process.Machine, $"{name} audits", a => process.RepeatAsync(a, process.MendAsync), after);
        return process;
    }

    public void Kill()
    {
        Machine.Kill();
        _world.Placed.Remove(_placed);
        _world.Changed.Remove(_changed);
        _world.Changed.Remove(_intervalsChanged);
    }

    // A pass that fails is tried again.
    private async Task RepeatAsync(Actor actor, Func<Actor, Task> pass)
    {
        while (true)
        {
            try
            {
                await pass(actor);
            }
            catch (Exception e) when (e is RedisTimeoutException or DatabaseAwayException or QueueEpochChangedException or AccountNotPublishedException)
            {
                actor.Step = "idle";
                await actor.PauseAsync(TroublePause);
            }
        }
    }

    private async Task PromoteAsync(Actor actor)
    {
        var pass = await _world.AskAsync(actor, "promote", () => _world.Redis.Promotion.PromoteAsync(Type), p => $"{p.Chunks} {p.Cards} {p.Wait}");
        if (pass.Chunks > 0)
        {
            SimulatedWorld.Send(_world.Admitted);
        }

        actor.Step = "idle";
        await actor.WaitAsync(_placed, pass.Wait is { } wait && wait < _world.Options.SchedulerIdle ? wait : _world.Options.SchedulerIdle);
    }

    private async Task GaugeAsync(Actor actor)
    {
        await EnsureEpochAsync(actor);
        await PublishAsync(actor);
        await _world.AskAsync(actor, "gauge", () => _world.Redis.Gauges.PublishAsync(Type, _world.Accounts.Keys), f => f.ToString());
        actor.Step = "idle";
        await actor.WaitAsync(_changed, _world.Options.GaugeEvery);
        // The real one comes once a second.
        await actor.PauseAsync(TimeSpan.FromMilliseconds(_world.Random.Next(1_000)));
    }

    private async Task<string> EnsureEpochAsync(Actor actor)
    {
        var (database, keys) = (_world.Redis.Database, _world.Redis.Keys);
        while (true)
        {
            var held = await _world.AskAsync(actor, "epoch?", () => database.HashGetAsync(keys.Epoch(Type), ["epoch", "run_id"]));
            var epoch = (string?)held[0];
            var runId = _world.Redis.RunId;
            if (epoch is not null && (string?)held[1] == runId)
            {
                return epoch;
            }

            _world.Database.CheckReachable(_world.NowMs);
            var next = _world.Database.NextEpoch().ToString(System.Globalization.CultureInfo.InvariantCulture);
            await _world.AskAsync(actor, "epoch", () => _world.Redis.Scripts.RunAsync("epoch", [keys.Epoch(Type)], [epoch ?? "", next, runId]), r => $"{next} {r}");
        }
    }

    private Task<bool> PublishAsync(Actor actor)
    {
        _world.Database.CheckReachable(_world.NowMs);
        return _world.AskAsync(actor, "publish", async () =>
        {
            var (database, keys) = (_world.Redis.Database, _world.Redis.Keys);
            var now = DateTimeOffset.FromUnixTimeMilliseconds(_world.NowMs);
            var writes = new List<Task> { database.StringSetAsync(keys.ConcurrencyConfig(Type), _world.Permits) };
            foreach (var account in _world.Accounts.Values)
            {
                writes.Add(database.HashSetAsync(keys.Accounts(Type), account.Id, _world.EntryOf(account).ToString()));
                writes.Add(database.HashSetAsync(keys.AccountLimits(account.Id), AccountLimits.Of(account, now, _world.Redis.RunId, _world.Options.ReservedPercent)));
                _world.Carrier.Publish(account.Id, account.CallsPerSecond);
            }

            await Task.WhenAll(writes);
            return true;
        });
    }

    // Moves due times as the real pass does; the change is published a moment after the signal.
    private async Task MoveAsync(Actor actor)
    {
        actor.Step = "idle";
        await actor.WaitAsync(_intervalsChanged, _world.Options.AuditEvery);
        await actor.PauseAsync(TimeSpan.FromSeconds(2));
        if (!Holds())
        {
            return;
        }

        foreach (var change in await _world.AskAsync(actor, "intervals?", () => _world.Redis.MovedIntervals.FindAsync(Type), c => $"{c.Count}"))
        {
            var epoch = await EnsureEpochAsync(actor);
            var schedule = _world.Redis.Keys.Schedule(Type, change.AccountId);
            var cards = await _world.AskAsync(actor, "scan", () => _world.Redis.Database.SortedSetRangeByRankAsync(schedule));
            foreach (var page in cards.Select(card => (long)card).Chunk(CardsPerMove))
            {
                if (!Holds() || await _world.AskAsync(actor, "move", () => _world.Redis.Move.MoveAsync(
                    Type, epoch, change.AccountId, change.Rules.ToString(), page, page.ToDictionary(id => id, id => _world.Database[id].CheckedMs)),
                    r => $"{r?.Moved} {r?.Ended}") is null)
                {
                    return;
                }
            }

            await _world.AskAsync(actor, "moved", async () =>
            {
                await _world.Redis.MovedIntervals.MarkAsync(change);
                return change.AccountId;
            }, a => $"{a}");
            SimulatedWorld.Send(_world.Placed);
        }

        bool Holds()
        {
            _world.Database.CheckReachable(_world.NowMs);
            return _world.Database.TryHold("intervals", Machine.Name, _world.NowMs);
        }
    }

    private async Task MendAsync(Actor actor)
    {
        actor.Step = "idle";
        _world.Database.CheckReachable(_world.NowMs);
        if (!_world.Database.TryHold("mending", Machine.Name, _world.NowMs))
        {
            _missingSince.Clear();
            await actor.PauseAsync(TimeSpan.FromSeconds(5));
            return;
        }

        var epoch = await EnsureEpochAsync(actor);
        var done = await _world.AskAsync(actor, "progress?", () => _world.Redis.Database.StringGetAsync(Progress));
        if (done.IsNull)
        {
            await InitialiseAsync(actor, epoch);
        }

        await AuditAsync(actor, epoch);
        actor.Step = "idle";
        for (var waited = TimeSpan.Zero; waited < _world.Options.AuditEvery; waited += TimeSpan.FromSeconds(5))
        {
            // Its hold is kept up meanwhile, and a Redis that was lost is noticed.
            await actor.WaitAsync(_changed, TimeSpan.FromSeconds(5));
            _world.Database.TryHold("mending", Machine.Name, _world.NowMs);
        }
    }

    private async Task InitialiseAsync(Actor actor, string epoch)
    {
        await PublishAsync(actor);
        foreach (var batch in _world.Database.Cards.Chunk(CardsPerBatch))
        {
            _world.Database.CheckReachable(_world.NowMs);
            await _world.AskAsync(actor, "place", () => PlaceAsync(epoch, batch), c => c.ToString());
            SimulatedWorld.Send(_world.Placed);
        }

        await _world.AskAsync(actor, "progress", () => _world.Redis.Database.StringSetAsync(Progress, "done"));
    }

    private async Task AuditAsync(Actor actor, string epoch)
    {
        _world.Database.CheckReachable(_world.NowMs);
        CardRecord[] cards = [.. _world.Database.Cards];
        var facts = Array.ConvertAll(cards, c => c.Facts);
        var findings = await _world.AskAsync(actor, "look", () => _world.Redis.Audit.LookAsync(Type, facts));
        var (toPlace, lost) = (new List<CardRecord>(), new List<CardFacts>());
        for (var i = 0; i < cards.Length; i++)
        {
            if (findings[i] == AuditFinding.NotScheduled)
            {
                var since = _missingSince.GetValueOrDefault(cards[i].Id, _world.NowMs);
                var isLost = _world.NowMs - since >= _world.Options.AuditMissing.TotalMilliseconds;
                if (isLost)
                {
                    lost.Add(facts[i]);
                }

                _missingSince[cards[i].Id] = isLost ? _world.NowMs : since;
                continue;
            }

            _missingSince.Remove(cards[i].Id);
            if (findings[i] == AuditFinding.ToPlace)
            {
                toPlace.Add(cards[i]);
            }
        }

        if (toPlace.Count > 0)
        {
            var counts = await _world.AskAsync(actor, "place", () => PlaceAsync(epoch, toPlace), c => c.ToString());
            if (counts.Placed > 0)
            {
                SimulatedWorld.Send(_world.Placed);
            }
        }

        if (lost.Count > 0)
        {
            await _world.AskAsync(actor, "adopt", async () =>
            {
                var adopted = await _world.Redis.Audit.AdoptAsync(Type, epoch, lost, _world.Accounts.Keys);
                _world.Checks.Adopt(adopted, lost);
                return adopted;
            }, a => $"{a} of {lost.Count}");
        }

        await _world.AskAsync(actor, "settle", () => _world.Redis.Audit.SettleAsync(Type, _world.Accounts.Keys), m => $"{m}");
    }

    // The rows are read when they are written, as the real pass does in one go.
    private Task<PlacementCounts> PlaceAsync(string epoch, IReadOnlyCollection<CardRecord> cards) =>
        _world.Redis.Placement.PlaceAsync(Type, epoch, [.. cards.Select(c => new CardToPlace(c.Facts, c.CheckedMs))]);
}
