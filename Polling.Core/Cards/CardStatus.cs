namespace Polling.Core.Cards;

/// <summary>Where a card is in its life.</summary>
public enum CardStatus : short
{
    /// <summary>In stock; not in use yet.</summary>
    Inventory = 0,

    Active = 1,

    Suspended = 2,

    /// <summary>Given back to the carrier; never polled again.</summary>
    Terminated = 3,
}
