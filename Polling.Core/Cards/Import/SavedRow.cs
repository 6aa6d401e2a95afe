namespace Polling.Core.Cards.Import;

/// <summary>What became of a row.</summary>
/// <param name="Index">The row's place in its chunk, from 0.</param>
/// <param name="CardId">The card's id.</param>
/// <param name="Change">Whether it is a new card.</param>
/// <param name="KeptRealName">Whether the file's real-name status was left aside for the one that a poll had found.</param>
public readonly record struct SavedRow(int Index, long CardId, RowChange Change, bool KeptRealName);
