using Polling.Core.Configuration;
using Polling.Core.Queue.Claims;
using Polling.Core.Queue.Signals;
using StackExchange.Redis;

namespace Polling.Core.Queue.Quarantine;

/// <summary>What became of a wish to release cards.</summary>
/// <param name="Released">Cards that are due at once now.</param>
/// <param name="NotInQuarantine">Cards that were not set aside: they are where they were.</param>
/// <param name="Unknown">Cards that are set aside and that the cache does not know, because they were deleted.</param>
public sealed record ReleasedCards(int Released, IReadOnlyList<long> NotInQuarantine, IReadOnlyList<long> Unknown);

/// <summary>Releases cards from quarantine for somebody who has looked at them.</summary>
public sealed class QuarantineRelease(
    QuarantineScripts quarantine, ClaimScripts claims, QueueSignals signals, RedisKeys keys, IConnectionMultiplexer redis)
{
    /// <summary>Releases cards; they are due at once.</summary>
    /// <param name="type">Task type.</param>
    /// <param name="cardIds">The cards, each once.</param>
    /// <exception cref="QueueEpochChangedException">Redis has lost its data or has none yet; it is worth trying again in a second.</exception>
    public async Task<ReleasedCards> ReleaseAsync(TaskType type, IReadOnlyCollection<long> cardIds)
    {
        ArgumentNullException.ThrowIfNull(cardIds);
        var database = redis.GetDatabase();
        var epoch = (string?)await database.HashGetAsync(keys.Epoch(type), "epoch") ?? throw new QueueEpochChangedException(type);
        long[] ids = [.. cardIds];
        var since = await database.SortedSetScoresAsync(keys.Quarantine(type), Array.ConvertAll(ids, id => (RedisValue)id));
        var aside = ids.Where((_, i) => since[i] is not null).ToArray();
        var facts = (await claims.ReadFactsAsync(type, Array.ConvertAll(aside, id => new DueCard(id, 0)))).Cards;
        var released = await quarantine.DischargeAsync(type, epoch, [.. facts.Where(f => f.Facts is not null).Select(f => f.Facts!)]);
        if (released > 0)
        {
            signals.Send(type, SignalKind.Placed);
        }

        return new ReleasedCards(released, [.. ids.Except(aside)], [.. aside.Where((_, i) => facts[i].Facts is null)]);
    }
}
