using Polling.Core.Configuration;
using Polling.Core.Queue.Claims;
using Polling.Core.Queue.Facts;
using Polling.Core.Queue.Placement;
using Polling.Core.Queue.Scripts;
using StackExchange.Redis;

namespace Polling.Core.Queue.Audit;

/// <summary>What an audit found of a card.</summary>
public enum AuditFinding
{
    /// <summary>It is scheduled, or no configuration applies to it; and the cache knows what PostgreSQL knows.</summary>
    Fine,

    /// <summary>The cache does not know it, knows less than PostgreSQL, or a configuration applies to it and it has no place: placing it mends that.</summary>
    ToPlace,

    /// <summary>It is not in its account's schedule. It may well be queued, leased or quarantined; if it stays so for more than a lease, it is lost.</summary>
    NotScheduled,
}

/// <summary>Compares cards with their places, and gives lost ones a place again.</summary>
/// <remarks>
/// Reading is cheap, about half a microsecond of Redis a card: the cards of a page have ids in a row, so their facts come in whole
/// buckets, and their due times in one command for each account. Only what is not scheduled is looked at more closely.
/// </remarks>
public sealed class QueueAudit(ScriptRunner scripts, RedisKeys keys, IConnectionMultiplexer redis)
{
    private const int IdsPerCommand = 500;
    private const int CardsPerAdoption = 20;

    /// <summary>Looks at cards.</summary>
    /// <param name="type">Task type.</param>
    /// <param name="cards">Facts as PostgreSQL has them, best with ids in a row.</param>
    /// <returns>A finding for each, in their order.</returns>
    public Task<AuditFinding[]> LookAsync(TaskType type, IReadOnlyList<CardFacts> cards) => LookAsync(type, cards, ReadCacheAsync(type, cards));

    /// <summary>Looks at cards for several tasks; a cache that they share is read once.</summary>
    /// <param name="types">Task types.</param>
    /// <param name="cards">Facts as PostgreSQL has them, best with ids in a row.</param>
    /// <returns>For each task type a finding for each card, in their orders.</returns>
    public Task<AuditFinding[][]> LookAsync(IReadOnlyList<TaskType> types, IReadOnlyList<CardFacts> cards)
    {
        var caches = new Dictionary<RedisKey, Task<Dictionary<long, byte[]>>>();
        return Task.WhenAll(types.Select(type =>
        {
            var shared = keys.CardBucket(type, 0);
            if (!caches.TryGetValue(shared, out var cache))
            {
                caches.Add(shared, cache = ReadCacheAsync(type, cards));
            }

            return LookAsync(type, cards, cache);
        }));
    }

    /// <summary>Gives cards a place that are in none; those that have one keep it.</summary>
    /// <param name="type">Task type.</param>
    /// <param name="epoch">Epoch in force.</param>
    /// <param name="cards">Cards that were not scheduled for more than a lease.</param>
    /// <param name="accountIds">All accounts.</param>
    /// <returns>Cards adopted.</returns>
    /// <exception cref="QueueEpochChangedException">Redis lost data since the epoch was read.</exception>
    public async Task<int> AdoptAsync(TaskType type, string epoch, IReadOnlyCollection<CardFacts> cards, IReadOnlyCollection<int> accountIds)
    {
        var adopted = 0;
        foreach (var account in (await OnNoWayAsync(type, cards)).GroupBy(c => c.AccountId))
        {
            RedisKey[] others = [.. accountIds.Where(a => a != account.Key).Select(a => keys.Schedule(type, a))];
            foreach (var chunk in account.Chunk(CardsPerAdoption))
            {
                var buckets = new BucketKeys(keys, type);
                RedisValue[] arguments =
                [
                    epoch, account.Key, type.Bit(), (long)PlacementScript.FirstSpread.TotalMilliseconds, others.Length, chunk.Length,
                    .. chunk.SelectMany(c => new RedisValue[] { c.CardId, buckets.NumberOf(c.CardId) }),
                ];
                RedisKey[] all =
                [
                    keys.Epoch(type), keys.Accounts(type), keys.Wake(type), keys.Queue(type), keys.Calls(type), keys.Quarantine(type),
                    keys.Schedule(type, account.Key), .. others, .. buckets.Keys,
                ];
                var reply = (int[])(await scripts.RunAsync("adopt", all, arguments))!;
                adopted += reply[0] switch
                {
                    1 => reply[1],
                    -1 => throw new QueueEpochChangedException(type),
                    _ => throw new AccountNotPublishedException(account.Key),
                };
            }
        }

        return adopted;
    }

    /// <summary>Makes the queue's books agree with its members.</summary>
    /// <param name="type">Task type.</param>
    /// <param name="accountIds">All accounts; without them the manual requests that wait are not counted anew.</param>
    /// <returns>Chunks, leases and counts that were mended.</returns>
    public async Task<int> SettleAsync(TaskType type, IReadOnlyCollection<int>? accountIds = null)
    {
        RedisKey[] all =
        [
            keys.Queue(type), keys.Chunks(type), keys.Fair(type), keys.Manual(type), keys.Leases(type), keys.Calls(type),
            .. (accountIds ?? []).Select(a => keys.ManualOf(type, a)),
        ];
        return ((int[])(await scripts.RunAsync("settle", all, [.. (accountIds ?? []).Select(a => (RedisValue)a)]))!).Sum();
    }

    private async Task<AuditFinding[]> LookAsync(TaskType type, IReadOnlyList<CardFacts> cards, Task<Dictionary<long, byte[]>> cached)
    {
        var scheduled = ReadSchedulesAsync(type, cards);
        var rules = await ReadRulesAsync(type, cards);
        var facts = await cached;
        var dues = await scheduled;
        var findings = new AuditFinding[cards.Count];
        for (var i = 0; i < findings.Length; i++)
        {
            var packed = facts.GetValueOrDefault(cards[i].CardId);
            findings[i] = packed is null || CardFactsCodec.VersionOf(packed) < cards[i].Version ? AuditFinding.ToPlace
                : (packed[0] & type.Bit()) == 0 ? rules.GetValueOrDefault(cards[i].AccountId)?.IntervalMsOf(cards[i]) == 0 ? AuditFinding.Fine : AuditFinding.ToPlace
                : dues[i] is null ? AuditFinding.NotScheduled : AuditFinding.Fine;
        }

        return findings;
    }

    // Without those that are queued or under lease as this looks, which nearly all are when executors are behind: the script that looks at all places
    // at once holds Redis for a millisecond a card.
    private async Task<IReadOnlyCollection<CardFacts>> OnNoWayAsync(TaskType type, IReadOnlyCollection<CardFacts> cards)
    {
        var database = redis.GetDatabase();
        var queued = await Task.WhenAll(cards.Chunk(IdsPerCommand).Select(async chunk =>
            chunk.Zip(await database.SortedSetScoresAsync(keys.Queue(type), Array.ConvertAll(chunk, card => (RedisValue)card.CardId)))));
        CardFacts[] others = [.. queued.SelectMany(chunk => chunk).Where(card => card.Second is null).Select(card => card.First)];
        if (others.Length == 0)
        {
            return others;
        }

        var leased = (await database.HashValuesAsync(keys.Calls(type))).SelectMany(payload => ClaimedCall.CardIds((string?)payload ?? "")).ToHashSet();
        return [.. others.Where(card => !leased.Contains(card.CardId))];
    }

    // Of the cards' accounts, those that are published.
    private async Task<Dictionary<int, IntervalRules>> ReadRulesAsync(TaskType type, IReadOnlyList<CardFacts> cards)
    {
        var accounts = cards.Select(c => c.AccountId).Distinct().ToArray();
        var entries = accounts.Length == 0 ? [] : await redis.GetDatabase().HashGetAsync(keys.Accounts(type), Array.ConvertAll(accounts, a => (RedisValue)a));
        return accounts.Zip(entries).Where(a => a.Second.HasValue).ToDictionary(a => a.First, a => AccountEntry.RulesOf(a.Second!));
    }

    private async Task<Dictionary<long, byte[]>> ReadCacheAsync(TaskType type, IReadOnlyList<CardFacts> cards)
    {
        var database = redis.GetDatabase();
        var buckets = cards.Select(c => c.CardId / RedisKeys.CardsPerBucket).Distinct().ToArray();
        var entries = await Task.WhenAll(buckets.Select(b => database.HashGetAllAsync(keys.CardBucket(type, b * RedisKeys.CardsPerBucket))));
        var facts = new Dictionary<long, byte[]>(cards.Count);
        for (var i = 0; i < buckets.Length; i++)
        {
            foreach (var entry in entries[i])
            {
                facts[buckets[i] * RedisKeys.CardsPerBucket + (long)entry.Name] = entry.Value!;
            }
        }

        return facts;
    }

    private async Task<double?[]> ReadSchedulesAsync(TaskType type, IReadOnlyList<CardFacts> cards)
    {
        var database = redis.GetDatabase();
        var dues = new double?[cards.Count];
        await Task.WhenAll(Enumerable.Range(0, cards.Count).GroupBy(i => cards[i].AccountId)
            .SelectMany(account => account.Chunk(IdsPerCommand).Select(async places =>
            {
                var scores = await database.SortedSetScoresAsync(
                    keys.Schedule(type, account.Key), Array.ConvertAll(places, i => (RedisValue)cards[i].CardId));
                for (var j = 0; j < places.Length; j++)
                {
                    dues[places[j]] = scores[j];
                }
            })));
        return dues;
    }
}
