using Polling.Core.Cards;

namespace Polling.Core.Queue.Facts;

/// <summary>What the queue and a gateway call need to know of a card. Lies packed in the card cache; PostgreSQL has the truth.</summary>
/// <param name="CardId">Id of the card.</param>
/// <param name="AccountId">Its carrier account.</param>
/// <param name="Status">Its status.</param>
/// <param name="RealName">Its real-name status.</param>
/// <param name="PackageId">Its package, 0 for none.</param>
/// <param name="Version">Version of its row; older facts never replace newer ones.</param>
/// <param name="Number">The number that the carrier knows it by (iccid), up to 255 hex digits.</param>
public sealed record CardFacts(
    long CardId, int AccountId, CardStatus Status, RealNameStatus RealName, int PackageId, long Version, string Number);
