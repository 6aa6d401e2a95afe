using Polling.Core.Queue.Claims;
using Polling.Simulation.Tests.Events;
using Polling.Simulation.Tests.World;
using StackExchange.Redis;

namespace Polling.Simulation.Tests.Processes;

/// <summary>A claimed call's hold on its cards, by the process' clock.</summary>
internal sealed class HeldCall(ClaimedCall call, long askedAtUs, long leasedAtUs, TimeSpan lease)
{
    public ClaimedCall Call { get; } = call;

    public long AskedAtUs { get; } = askedAtUs;

    public long LeasedAtUs { get; } = leasedAtUs;

    public long EndsAtUs { get; set; } = leasedAtUs + (long)lease.TotalMicroseconds;
}

/// <summary>An executor, step by step as the real one: its claim loop, the renewal of leases, and each call's life.</summary>
internal sealed class ExecutorProcess
{
    private const int CallsPerClaim = 32;
    private const int LooksPerLease = 6;
    private static readonly TimeSpan PermitPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan TroublePause = TimeSpan.FromSeconds(1);
    private readonly SimulatedWorld _world;
    private readonly Signal _admitted = new();
    private readonly Signal _slotFree = new();
    private readonly List<HeldCall> _held = [];
    private long _sequence;
    private long? _firstAskedAtUs;

    private ExecutorProcess(SimulatedWorld world, string name)
    {
        _world = world;
        Machine = new Machine(name);
    }

    public Machine Machine { get; }

    /// <summary>Starts a process under a name that no other ever had.</summary>
    public static ExecutorProcess Start(SimulatedWorld world, string name, TimeSpan after = default)
    {
        var process = new ExecutorProcess(world, name);
        world.Admitted.Add(process._admitted);
        world.Loop.Start(process.Machine, $"{name} claims", process.ClaimAsync, after);
        world.Loop.Start(process.Machine, $"{name} renews", process.RenewAsync, after);
        return process;
    }

    /// <summary>Kills it.</summary>
    public void Kill()
    {
        Machine.Kill();
        _world.Admitted.Remove(_admitted);
    }

    private async Task ClaimAsync(Actor actor)
    {
        while (true)
        {
            if (_held.Count >= _world.Options.CallsInFlight)
            {
                actor.Step = "full";
                await actor.WaitAsync(_slotFree, TimeSpan.FromHours(1));
            }
            else if (await ClaimOnceAsync(actor) is { } pause)
            {
                actor.Step = "idle";
                await actor.WaitAsync(_admitted, pause);
            }
        }
    }

    private async Task<TimeSpan?> ClaimOnceAsync(Actor actor)
    {
        var room = Math.Min(_world.Options.CallsInFlight - _held.Count, CallsPerClaim);
        var askedAt = _world.Loop.NowUs;
        _firstAskedAtUs ??= askedAt;
        var leasedAt = _firstAskedAtUs.Value;
        ClaimReply reply;
        try
        {
            reply = await _world.AskAsync(actor, "claim", async () =>
            {
                var answer = await _world.Redis.Claims.ClaimAsync(
                    SimulatedWorld.Type, Machine.Name, _sequence + 1, room, _world.Options.Lease, _world.Options.Permit);
                _world.Checks.Claim(answer);
                return answer;
            }, r => $"{r.PermitsHeld}/{r.PermitsAllowed}, {r.ExpiredLeases} expired: {string.Join(' ', r.Calls.Select(c => c.Id))}");
            _sequence++;
            _firstAskedAtUs = null;
        }
        catch (RedisTimeoutException)
        {
            return TroublePause;
        }

        foreach (var call in reply.Calls)
        {
            var held = new HeldCall(call, askedAt, leasedAt, _world.Options.Lease);
            _held.Add(held);
            _world.Loop.Start(Machine, $"{Machine.Name} {call.Id}", async life =>
            {
                await new CallLife(_world, held).RunAsync(life);
                _held.Remove(held);
                _slotFree.Set();
            });
        }

        return reply.Calls.Count == room ? null : reply.PermitsHeld >= reply.PermitsAllowed ? PermitPause : _world.Options.ExecutorIdle;
    }

    private async Task RenewAsync(Actor actor)
    {
        while (true)
        {
            actor.Step = "idle";
            await actor.PauseAsync(_world.Options.Lease / LooksPerLease);
            var now = _world.Loop.NowUs;
            var soon = now + (long)(_world.Options.Lease * 2 / 3).TotalMicroseconds;
            var due = _held.Where(h => h.EndsAtUs < soon && h.EndsAtUs > now && now - h.LeasedAtUs < _world.Options.RenewFor.TotalMicroseconds).ToArray();
            if (due.Length == 0)
            {
                continue;
            }

            try
            {
                await RenewAsync(actor, due, now);
            }
            catch (RedisTimeoutException)
            {
                // The next look tries again.
            }
        }
    }

    private async Task RenewAsync(Actor actor, HeldCall[] due, long askedAtUs)
    {
        var renewed = await _world.AskAsync(actor, "renew", async () =>
        {
            var answer = await _world.Redis.Renewal.RenewAsync(Array.ConvertAll(due, h => h.Call), _world.Options.Lease);
            for (var i = 0; i < due.Length; i++)
            {
                if (answer[i])
                {
                    _world.Checks.Renew(due[i].Call);
                }
            }

            return answer;
        }, answer => $"{answer.Count(r => r)} of {due.Length}");
        for (var i = 0; i < due.Length; i++)
        {
            due[i].EndsAtUs = renewed[i] ? askedAtUs + (long)_world.Options.Lease.TotalMicroseconds : 0;
        }
    }
}
