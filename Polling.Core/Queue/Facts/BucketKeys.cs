using Polling.Core.Configuration;
using StackExchange.Redis;

namespace Polling.Core.Queue.Facts;

/// <summary>Collects the card cache buckets of a script's cards, each once, and numbers them from 1 as the scripts count them.</summary>
internal sealed class BucketKeys(RedisKeys keys, TaskType type)
{
    private readonly Dictionary<long, int> _numbers = [];

    /// <summary>The buckets in the order of their numbers.</summary>
    public List<RedisKey> Keys { get; } = [];

    /// <summary>The number of the card's bucket.</summary>
    public int NumberOf(long cardId)
    {
        var bucket = cardId / RedisKeys.CardsPerBucket;
        if (!_numbers.TryGetValue(bucket, out var number))
        {
            Keys.Add(keys.CardBucket(type, cardId));
            number = Keys.Count;
            _numbers.Add(bucket, number);
        }

        return number;
    }
}
