using Polling.Core.Configuration;
using Polling.Core.Queue.Facts;
using Polling.Core.Queue.Scripts;
using StackExchange.Redis;

namespace Polling.Core.Queue.Quarantine;

/// <summary>A card that was set aside.</summary>
/// <param name="CardId">Id of the card.</param>
/// <param name="Since">Since when.</param>
public readonly record struct QuarantinedCard(long CardId, DateTimeOffset Since);

/// <summary>
/// Cards that failed by themselves <see cref="FailuresMax"/> times in a row: they are not asked again until somebody has looked
/// at them and discharges them.
/// </summary>
public sealed class QuarantineScripts(ScriptRunner scripts, RedisKeys keys, IConnectionMultiplexer redis)
{
    /// <summary>Failures of a card's own, without a success in between, that put it into quarantine.</summary>
    public const int FailuresMax = 10;

    private const int CardsPerScript = 500;

    /// <summary>Number of cards in quarantine.</summary>
    public Task<long> CountAsync(TaskType type) => redis.GetDatabase().SortedSetLengthAsync(keys.Quarantine(type));

    /// <summary>Cards in quarantine, those that have been there longest first.</summary>
    public async Task<IReadOnlyList<QuarantinedCard>> ListAsync(TaskType type, int skip, int take)
    {
        var entries = await redis.GetDatabase().SortedSetRangeByRankWithScoresAsync(keys.Quarantine(type), skip, skip + take - 1);
        return [.. entries.Select(e => new QuarantinedCard((long)e.Element, DateTimeOffset.FromUnixTimeMilliseconds((long)e.Score)))];
    }

    /// <summary>Takes cards out of quarantine; they are due at once.</summary>
    /// <param name="type">Task type.</param>
    /// <param name="epoch">Epoch in force.</param>
    /// <param name="cards">Facts of the cards.</param>
    /// <returns>Cards that were in quarantine and are scheduled now.</returns>
    /// <exception cref="QueueEpochChangedException">Redis lost data since the epoch was read.</exception>
    public async Task<int> DischargeAsync(TaskType type, string epoch, IReadOnlyCollection<CardFacts> cards)
    {
        var discharged = 0;
        foreach (var account in cards.GroupBy(c => c.AccountId))
        {
            foreach (var chunk in account.Chunk(CardsPerScript))
            {
                var buckets = new BucketKeys(keys, type);
                RedisValue[] arguments =
                    [epoch, account.Key, chunk.Length, .. chunk.SelectMany(c => new RedisValue[] { c.CardId, buckets.NumberOf(c.CardId) })];
                RedisKey[] all =
                    [keys.Epoch(type), keys.Quarantine(type), keys.Wake(type), keys.Schedule(type, account.Key), .. buckets.Keys];
                var reply = (int[])(await scripts.RunAsync("discharge", all, arguments))!;
                discharged += reply[0] == 1 ? reply[1] : throw new QueueEpochChangedException(type);
            }
        }

        return discharged;
    }
}
