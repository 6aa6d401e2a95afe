namespace Polling.Core.Cards;

/// <summary>Whether a person or company has been registered as the card's user (实名).</summary>
public enum RealNameStatus : short
{
    NotRealNamed = 0,

    RealNamed = 1,
}
