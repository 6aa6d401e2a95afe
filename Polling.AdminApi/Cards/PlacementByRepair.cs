using Polling.Core.Cards;

namespace Polling.AdminApi.Cards;

/// <summary>Where no queue is registered: cards stay where they are until the scheduler's repair finds them.</summary>
internal sealed class PlacementByRepair : ICardPlacement
{
    public Task PlaceAsync(IReadOnlyList<long> cardIds, CancellationToken cancellationToken) => Task.CompletedTask;
}
