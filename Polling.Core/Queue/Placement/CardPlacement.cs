using Polling.Core.Cards;
using Polling.Core.Configuration;
using Polling.Core.Persistence;
using Polling.Core.Queue.Facts;
using Polling.Core.Queue.Signals;
using StackExchange.Redis;

namespace Polling.Core.Queue.Placement;

/// <summary>Places cards by what PostgreSQL says of them now.</summary>
public sealed class CardPlacement(PlacementScript placement, CardPages pages, RedisKeys keys, IConnectionMultiplexer redis, QueueSignals signals)
    : ICardPlacement
{
    /// <inheritdoc/>
    public async Task PlaceAsync(IReadOnlyList<long> cardIds, CancellationToken cancellationToken)
    {
        var epochs = new List<(TaskType, string)>();
        foreach (var type in TaskTypes.Polled)
        {
            epochs.Add((type, (string?)await redis.GetDatabase().HashGetAsync(keys.Epoch(type), "epoch") ?? throw new QueueEpochChangedException(type)));
        }

        foreach (var ids in cardIds.Chunk(5_000))
        {
            await PlaceRowsAsync(epochs, await pages.ReadAsync(ids, cancellationToken));
        }
    }

    /// <summary>Places cards read from PostgreSQL, for several task types.</summary>
    public async Task PlaceRowsAsync(IReadOnlyList<(TaskType Type, string Epoch)> types, IReadOnlyCollection<CardRow> rows)
    {
        foreach (var (type, counts) in await placement.PlaceAsync(types, [.. rows.Select(ToPlace)]))
        {
            Signal(type, counts);
        }
    }

    /// <summary>The same for one.</summary>
    public async Task<PlacementCounts> PlaceRowsAsync(
        TaskType type, string epoch, IReadOnlyCollection<CardRow> rows, PlacementKind kind = PlacementKind.Overdue)
    {
        var counts = await placement.PlaceAsync(type, epoch, [.. rows.Select(ToPlace)], kind);
        Signal(type, counts);
        return counts;
    }

    /// <summary>A row's facts.</summary>
    public static CardFacts FactsOf(CardRow row) =>
        new(row.Id, row.AccountId, row.Status, row.RealName, row.PackageId, row.Version, row.Iccid);

    private static CardToPlace ToPlace(CardRow row) => new(FactsOf(row), row.Checked);

    private void Signal(TaskType type, PlacementCounts counts)
    {
        if (counts.Placed > 0)
        {
            signals.Send(type, SignalKind.Placed);
        }
    }
}
