using Polling.Core.Configuration;
using Polling.Core.Queue.Facts;
using Polling.Core.Queue.Scripts;
using StackExchange.Redis;

namespace Polling.Core.Queue.Placement;

/// <summary>A card to place.</summary>
/// <param name="Facts">Its facts.</param>
/// <param name="CheckedMs">When it was last checked, Unix ms; 0 = never.</param>
public readonly record struct CardToPlace(CardFacts Facts, long CheckedMs);

/// <summary>What a due time in the past means for cards that are placed.</summary>
public enum PlacementKind
{
    /// <summary>They were to be asked then and are late.</summary>
    Overdue,

    /// <summary>They were not to be asked then: no configuration applied. They are due at the next point of their grid.</summary>
    Afresh,
}

/// <summary>What placing came to, in cards.</summary>
/// <param name="Placed">Given a place in the schedule.</param>
/// <param name="Refreshed">Had a place; newer facts were taken.</param>
/// <param name="Unchanged">Had a place and these facts.</param>
/// <param name="NotPolled">No active configuration applies to them.</param>
public readonly record struct PlacementCounts(int Placed, int Refreshed, int Unchanged, int NotPolled)
{
    /// <summary>Adds two counts.</summary>
    public static PlacementCounts operator +(PlacementCounts a, PlacementCounts b) =>
        new(a.Placed + b.Placed, a.Refreshed + b.Refreshed, a.Unchanged + b.Unchanged, a.NotPolled + b.NotPolled);

    /// <summary>Adds two counts.</summary>
    public static PlacementCounts Add(PlacementCounts a, PlacementCounts b) => a + b;
}

/// <summary>Gives cards their place in the schedule; harmless to repeat.</summary>
public sealed class PlacementScript(ScriptRunner scripts, RedisKeys keys)
{
    /// <summary>Cards in one script: a script never holds Redis for longer than this many.</summary>
    public const int CardsPerScript = 500;

    /// <summary>Over how long the first checks of cards that were never checked are spread.</summary>
    public static readonly TimeSpan FirstSpread = TimeSpan.FromMinutes(1);

    /// <summary>Places cards of any number and any accounts, pipelined.</summary>
    /// <exception cref="QueueEpochChangedException">Redis lost data since the epoch was read; nothing more was placed.</exception>
    /// <exception cref="AccountNotPublishedException">An account is not known to Redis yet.</exception>
    public async Task<PlacementCounts> PlaceAsync(
        TaskType type, string epoch, IReadOnlyCollection<CardToPlace> cards, PlacementKind kind = PlacementKind.Overdue)
    {
        var scripts = cards.GroupBy(c => c.Facts.AccountId)
            .SelectMany(account => account.Chunk(CardsPerScript).Select(chunk => PlaceChunkAsync(type, epoch, account.Key, kind, chunk)));
        var sum = default(PlacementCounts);
        foreach (var counts in await Task.WhenAll(scripts))
        {
            sum += counts;
        }

        return sum;
    }

    private async Task<PlacementCounts> PlaceChunkAsync(TaskType type, string epoch, int accountId, PlacementKind kind, CardToPlace[] cards)
    {
        var buckets = new BucketKeys(keys, type);
        var arguments = new RedisValue[6 + cards.Length * 4];
        arguments[0] = epoch;
        arguments[1] = accountId;
        arguments[2] = type.Bit();
        arguments[3] = (long)FirstSpread.TotalMilliseconds;
        arguments[4] = kind == PlacementKind.Afresh ? 1 : 0;
        arguments[5] = cards.Length;
        for (var i = 0; i < cards.Length; i++)
        {
            var at = 6 + i * 4;
            arguments[at] = cards[i].Facts.CardId;
            arguments[at + 1] = buckets.NumberOf(cards[i].Facts.CardId);
            arguments[at + 2] = CardFactsCodec.Pack(cards[i].Facts);
            arguments[at + 3] = cards[i].CheckedMs;
        }

        RedisKey[] all = [keys.Epoch(type), keys.Accounts(type), keys.Wake(type), keys.Schedule(type, accountId), keys.CardChanges(type), .. buckets.Keys];
        var reply = (int[])(await scripts.RunAsync("place", all, arguments))!;
        return reply[0] switch
        {
            1 => new PlacementCounts(reply[1], reply[2], reply[3], reply[4]),
            -1 => throw new QueueEpochChangedException(type),
            _ => throw new AccountNotPublishedException(accountId),
        };
    }
}
