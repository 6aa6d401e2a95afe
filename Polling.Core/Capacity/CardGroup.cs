using Polling.Core.Cards;

namespace Polling.Core.Capacity;

/// <summary>How many cards of an account are alike for the polling configurations.</summary>
/// <param name="AccountId">Carrier account.</param>
/// <param name="Status">Card status.</param>
/// <param name="RealNameStatus">Real-name status.</param>
/// <param name="PackageId">Package; null = none.</param>
/// <param name="Cards">Number of cards.</param>
public sealed record CardGroup(int AccountId, CardStatus Status, RealNameStatus RealNameStatus, int? PackageId, long Cards);
