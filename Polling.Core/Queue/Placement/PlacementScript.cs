using Polling.Core.Configuration;
using Polling.Core.Persistence;
using Polling.Core.Queue.Facts;
using Polling.Core.Queue.Scripts;
using StackExchange.Redis;

namespace Polling.Core.Queue.Placement;

/// <summary>A card to place.</summary>
/// <param name="Facts">Its facts.</param>
/// <param name="Checked">When it was last checked for each task.</param>
public readonly record struct CardToPlace(CardFacts Facts, CheckedTimes Checked)
{
    /// <summary>A card that was checked for all tasks at the same time, Unix ms; 0 = never.</summary>
    public CardToPlace(CardFacts facts, long checkedMs)
        : this(facts, new CheckedTimes(checkedMs, checkedMs, checkedMs))
    {
    }
}

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

    /// <summary>Places cards of any number and any accounts for one task type, pipelined.</summary>
    /// <exception cref="QueueEpochChangedException">Redis lost data since the epoch was read; nothing more was placed.</exception>
    /// <exception cref="AccountNotPublishedException">An account is not known to Redis yet.</exception>
    public async Task<PlacementCounts> PlaceAsync(
        TaskType type, string epoch, IReadOnlyCollection<CardToPlace> cards, PlacementKind kind = PlacementKind.Overdue) =>
        (await PlaceAsync([(type, epoch)], cards, kind))[type];

    /// <summary>The same for several task types; those that share a cache in one step.</summary>
    /// <returns>What it came to for each.</returns>
    public async Task<IReadOnlyDictionary<TaskType, PlacementCounts>> PlaceAsync(
        IReadOnlyList<(TaskType Type, string Epoch)> types, IReadOnlyCollection<CardToPlace> cards, PlacementKind kind = PlacementKind.Overdue)
    {
        var together = keys.Layout == KeyLayout.Contract ? [[.. types]] : types.Chunk(1).ToArray();
        var sums = types.ToDictionary(type => type.Type, _ => default(PlacementCounts));
        foreach (var counts in await Task.WhenAll(cards.GroupBy(card => card.Facts.AccountId).SelectMany(account => account.Chunk(CardsPerScript)
            .SelectMany(chunk => together.Select(some => PlaceChunkAsync(some, account.Key, kind, chunk))))))
        {
            foreach (var (type, count) in counts)
            {
                sums[type] += count;
            }
        }

        return sums;
    }

    private async Task<(TaskType Type, PlacementCounts Counts)[]> PlaceChunkAsync(
        (TaskType Type, string Epoch)[] types, int accountId, PlacementKind kind, CardToPlace[] cards)
    {
        var buckets = new BucketKeys(keys, types[0].Type);
        var arguments = new RedisValue[4 + types.Length * 2 + cards.Length * 3];
        arguments[0] = accountId;
        arguments[1] = (long)FirstSpread.TotalMilliseconds;
        arguments[2] = kind == PlacementKind.Afresh ? 1 : 0;
        arguments[3] = types.Length;
        var at = 4;
        foreach (var (type, epoch) in types)
        {
            arguments[at++] = epoch;
            arguments[at++] = type.Bit();
        }

        foreach (var card in cards)
        {
            // The script counts the buckets in the same way.
            _ = buckets.NumberOf(card.Facts.CardId);
            arguments[at++] = card.Facts.CardId;
            arguments[at++] = CardFactsCodec.Pack(card.Facts);
            arguments[at++] = types.All(type => card.Checked.Of(type.Type) == 0) ? "" : string.Join(' ', types.Select(type => card.Checked.Of(type.Type)));
        }

        RedisKey[] all =
        [
            keys.CardChanges(types[0].Type),
            .. types.SelectMany(type => new[] { keys.Epoch(type.Type), keys.Accounts(type.Type), keys.Wake(type.Type), keys.Schedule(type.Type, accountId) }),
            .. buckets.Keys,
        ];
        var reply = (int[])(await scripts.RunAsync("place", all, arguments))!;
        return reply[0] switch
        {
            1 => [.. types.Select((type, t) => (type.Type, new PlacementCounts(reply[1 + 4 * t], reply[2 + 4 * t], reply[3 + 4 * t], reply[4 + 4 * t])))],
            -1 => throw new QueueEpochChangedException(types[reply[1] - 1].Type),
            _ => throw new AccountNotPublishedException(accountId),
        };
    }
}
