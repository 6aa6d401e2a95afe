using Polling.Core.Queue.Claims;
using Polling.Simulation.Tests.World;
using StackExchange.Redis;

namespace Polling.Simulation.Tests.Faults;

/// <summary>Somebody deletes members and leases by hand, one in a hundred but at least one.</summary>
internal sealed class Deletions(SimulatedWorld world, Random random)
{
    /// <summary>The audit finds what is nowhere within two rounds; PostgreSQL or a scheduler may be away meanwhile.</summary>
    public static readonly TimeSpan FoundWithin = TimeSpan.FromMinutes(15);

    /// <summary>Deletes of one kind.</summary>
    /// <returns>What, or null when there was nothing.</returns>
    public async Task<string?> DeleteAsync()
    {
        var (keys, type) = (world.Redis.Keys, SimulatedWorld.Type);
        return random.Next(5) switch
        {
            0 => await DeleteCardsAsync(keys.Schedule(type, world.Accounts.Keys.ElementAt(random.Next(world.Accounts.Count)))) ? "scheduled cards deleted" : null,
            1 => await DeleteCardsAsync(keys.Queue(type)) ? "queued cards deleted" : null,
            2 => await DeletePermitsAsync() ? "permits deleted" : null,
            _ => await DeleteLeasesAsync(),
        };
    }

    private async Task<bool> DeleteCardsAsync(RedisKey key)
    {
        var some = Some(await world.Redis.Database.SortedSetRangeByRankAsync(key));
        if (some.Length > 0)
        {
            await world.Redis.Database.SortedSetRemoveAsync(key, some);
            Lose(some.Select(c => (long)c));
        }

        return some.Length > 0;
    }

    private async Task<bool> DeletePermitsAsync()
    {
        var key = world.Redis.Keys.Permits(SimulatedWorld.Type);
        var some = Some(await world.Redis.Database.SortedSetRangeByRankAsync(key));
        return some.Length > 0 && await world.Redis.Database.SortedSetRemoveAsync(key, some) > 0;
    }

    private async Task<string?> DeleteLeasesAsync()
    {
        var (database, keys, type) = (world.Redis.Database, world.Redis.Keys, SimulatedWorld.Type);
        var leases = Some(await database.SortedSetRangeByRankAsync(keys.Leases(type)));
        var (expiry, held) = random.Next(3) switch { 0 => (true, false), 1 => (false, true), _ => (true, true) };
        foreach (var lease in leases)
        {
            if (await database.HashGetAsync(keys.Calls(type), lease) is { IsNull: false } payload)
            {
                Lose(ClaimedCall.Parse(type, 0, 0, lease!, payload!).Cards.Select(c => c.CardId));
            }

            if (expiry)
            {
                await database.SortedSetRemoveAsync(keys.Leases(type), lease);
            }

            if (held)
            {
                await database.HashDeleteAsync(keys.Calls(type), lease);
            }
        }

        return leases.Length == 0 ? null : !held ? "lease expiries deleted" : expiry ? "whole leases deleted" : "calls of leases deleted";
    }

    private void Lose(IEnumerable<long> cards) => world.Checks.Lose(cards, world.NowMs + (long)FoundWithin.TotalMilliseconds);

    private RedisValue[] Some(RedisValue[] members) =>
        members.Length == 0 ? [] : [.. Enumerable.Range(0, Math.Max(1, members.Length / 100)).Select(_ => members[random.Next(members.Length)]).Distinct()];
}
