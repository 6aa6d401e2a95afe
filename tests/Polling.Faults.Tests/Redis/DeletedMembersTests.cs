using Polling.Core.Configuration;
using Polling.Faults.Tests.Harness;
using StackExchange.Redis;
using Condition = Polling.Faults.Tests.Harness.Condition;

namespace Polling.Faults.Tests.Redis;

/// <summary>
/// Somebody deletes 1 % of everything by hand: members of schedules and of the queue, leases, and calls. The audit gives the cards a place again. It is
/// set to go round each second here (default: 2 s) and to take a card for lost after 9 s (default: 31 s, a second more than the default lease).
/// </summary>
public class DeletedMembersTests(SharedSystem shared, ITestOutputHelper output)
{
    // Executors are held still, so that there are cards in the queue.
    private static readonly TimeSpan Still = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task Deleted_cards_have_a_place_again_within_a_lease_and_5_s() => await DeleteAsync(await shared.TakeAsync(), Seed.Take(output));

    [Fact, Trait("Category", "Long")]
    public async Task Members_are_deleted_again_and_again()
    {
        var (system, random) = (await shared.TakeAsync(), Seed.Take(output));
        for (var round = 0; round < Seed.Rounds; round++)
        {
            await DeleteAsync(system, random);
        }
    }

    private async Task DeleteAsync(FaultSystem system, Random random)
    {
        await using var run = await FaultRun.BeginAsync(system, cardsMayBeMissing: true);
        await Condition.HoldsAsync(() => HoldAsync(system, run), Condition.Patience, "whenever the executors are held still, a task has no calls");
        var at = TimeProvider.System.GetUtcNow();
        var deleted = new List<(TaskType Type, long[] Cards)>();
        foreach (var type in Fleet.Tasks)
        {
            deleted.Add((type, await DeleteAsync(system, random, type)));
        }

        var deletedAt = TimeProvider.System.GetUtcNow();
        foreach (var executor in system.Executors)
        {
            executor.Send(Signals.Continue);
        }

        await run.EndAsync(from: deletedAt);
        foreach (var (type, cards) in deleted)
        {
            // The queue has cards of TIGHT, too: they have a place again, as all others, but their turn comes when the quota lets it.
            var soon = cards.Where(card => Fleet.AccountOf(card).HasCallsToSpare).ToArray();
            await Condition.HoldsAsync(
                async () => (await system.Effects.UncheckedSinceAsync(type, soon, at)) is { Count: > 0 } left
                    ? $"{type}: {left.Count} of {soon.Length} deleted cards are not checked again, among them {left[0]}"
                    : null,
                2 * FaultSystem.LongestInterval);
        }
    }

    // Executors that have no calls at that moment get none while they are still: they go on, to be held at another moment.
    private static async Task<bool> HoldAsync(FaultSystem system, FaultRun run)
    {
        foreach (var executor in system.Executors)
        {
            executor.Send(Signals.Stop);
        }

        await Task.Delay(Still, TestContext.Current.CancellationToken);
        if (await run.TryStrikeAsync() > 0)
        {
            return true;
        }

        foreach (var executor in system.Executors)
        {
            executor.Send(Signals.Continue);
        }

        return false;
    }

    private async Task<long[]> DeleteAsync(FaultSystem system, Random random, TaskType type)
    {
        var (redis, keys) = (system.Database, system.Keys);
        var cards = new List<RedisValue>();
        foreach (var account in Fleet.Accounts.Where(a => a.HasCallsToSpare))
        {
            cards.AddRange(await DeleteAsync(redis, keys.Schedule(type, account.Id), random));
        }

        var scheduled = cards.Count;
        cards.AddRange(await DeleteAsync(redis, keys.Queue(type), random));
        var leases = await DeleteAsync(redis, keys.Leases(type), random);
        var calls = OnePercent(random, await redis.HashKeysAsync(keys.Calls(type)));
        await redis.HashDeleteAsync(keys.Calls(type), calls);
        output.WriteLine(
            $"{type}: {scheduled} cards were deleted from schedules, {cards.Count - scheduled} from the queue, {leases.Length} leases and {calls.Length} calls");
        Assert.True(scheduled > 0 && cards.Count > scheduled && leases.Length > 0 && calls.Length > 0);
        return [.. cards.Select(card => (long)card)];
    }

    private static async Task<RedisValue[]> DeleteAsync(IDatabase redis, RedisKey key, Random random)
    {
        var victims = OnePercent(random, await redis.SortedSetRangeByRankAsync(key));
        await redis.SortedSetRemoveAsync(key, victims);
        return victims;
    }

    // At least two, where there are so many.
    private static RedisValue[] OnePercent(Random random, RedisValue[] members)
    {
        random.Shuffle(members);
        return members[..Math.Min(members.Length, Math.Max(2, members.Length / 100))];
    }
}
