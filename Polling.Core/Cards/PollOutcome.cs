namespace Polling.Core.Cards;

/// <summary>How a poll of one card ended.</summary>
public enum PollOutcome : short
{
    /// <summary>The carrier answered, and the answer was understood.</summary>
    Success = 1,

    /// <summary>The carrier answered with an error about this card (unknown, not ours, wrong state).</summary>
    CardError = 2,

    /// <summary>The call failed as a whole: no answer in time, a transport or HTTP error, an error about the account.</summary>
    CallFailed = 3,
}
