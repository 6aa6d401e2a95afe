namespace Polling.Core.Carriers;

/// <summary>Whether an account's cards are polled.</summary>
public enum AccountStatus : short
{
    /// <summary>Its cards stay scheduled, but no call is made.</summary>
    Paused = 0,

    Active = 1,
}
