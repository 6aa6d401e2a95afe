namespace Polling.Core.Cards;

/// <summary>Brings the places of cards (schedule, queue, cache) into line with what PostgreSQL says of them now.</summary>
public interface ICardPlacement
{
    /// <summary>
    /// Places cards that were added or changed. The cards are already committed; the caller names them by id only, the implementation
    /// reads their newest rows, so that a call that comes late or twice does no harm.
    /// </summary>
    /// <param name="cardIds">Ids of <c>tb_card</c>, each once; at most a few thousand.</param>
    /// <param name="cancellationToken">Stops the placing; what is not placed then is placed by the scheduler's repair.</param>
    Task PlaceAsync(IReadOnlyList<long> cardIds, CancellationToken cancellationToken);
}
