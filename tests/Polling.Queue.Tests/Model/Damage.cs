using Polling.Core.Queue.Audit;
using Polling.Core.Queue.Placement;
using Polling.Queue.Tests.Harness;
using StackExchange.Redis;

namespace Polling.Queue.Tests.Model;

/// <summary>Somebody deletes something by hand; a lease later the audit has mended it.</summary>
internal sealed class Damage(TestQueue queue, ModelState state)
{
    private const int ClaimsUntilAllExpired = 4;
    private const int Rounds = 2;
    private static long _sequence;

    public async Task DoAsync(int a, int b)
    {
        var (redis, keys, type) = (queue.Redis, queue.Keys, TestQueue.Type);
        switch (a % 6)
        {
            case 0:
                await DropMemberAsync(keys.Schedule(type, queue.Accounts[b % queue.Accounts.Count]), b);
                break;
            case 1:
                await DropMemberAsync(keys.Queue(type), b);
                break;
            case 2:
                // The queue still knows the chunk's cards: the claim that comes to them finds out.
                await DropFieldAsync(keys.Chunks(type), b);
                await queue.AllowAsync(permits: 1000);
                await queue.Claims.ClaimAsync(type, "mender", ++_sequence, 1000, TestQueue.Lease, TestQueue.Permit);
                await queue.AllowAsync(state.Permits);
                break;
            case 3:
                await DropMemberAsync(keys.Leases(type), b);
                break;
            case 4:
                await DropFieldAsync(keys.Calls(type), b);
                break;
            default:
                await DropMemberAsync(keys.Permits(type), b);
                break;
        }

        // Who held something has lost it by now, or ends it for nothing.
        await queue.AdvanceAsync(TestQueue.Lease + TimeSpan.FromSeconds(1));
        foreach (var call in state.Calls)
        {
            call.IsAbandoned = true;
        }

        await queue.Audit.SettleAsync(type, queue.Accounts);
        for (var i = 0; i < ClaimsUntilAllExpired; i++)
        {
            await queue.Claims.ClaimAsync(type, "mender", ++_sequence, 0, TestQueue.Lease, TestQueue.Permit);
        }

        // The first round may find newer facts of a card, only the next one that it is missing.
        for (var round = 0; round < Rounds; round++)
        {
            var cards = state.Cards.Values.ToArray();
            var findings = await queue.Audit.LookAsync(type, cards);
            var missing = cards.Where((_, i) => findings[i] == AuditFinding.NotScheduled).ToArray();
            await queue.Audit.AdoptAsync(type, TestQueue.Epoch, missing, queue.Accounts);
            await queue.Placement.PlaceAsync(type, TestQueue.Epoch, [.. cards.Where((_, i) => findings[i] == AuditFinding.ToPlace).Select(c => new CardToPlace(c, 0))]);
        }
    }

    private async Task DropMemberAsync(RedisKey key, int number)
    {
        var members = await queue.Redis.SortedSetRangeByRankAsync(key);
        if (members.Length > 0)
        {
            await queue.Redis.SortedSetRemoveAsync(key, members[number % members.Length]);
        }
    }

    private async Task DropFieldAsync(RedisKey key, int number)
    {
        var fields = (await queue.Redis.HashKeysAsync(key)).Order().ToArray();
        if (fields.Length > 0)
        {
            await queue.Redis.HashDeleteAsync(key, fields[number % fields.Length]);
        }
    }
}
