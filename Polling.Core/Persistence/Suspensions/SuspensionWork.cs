using Polling.Core.Suspensions;

namespace Polling.Core.Persistence.Suspensions;

/// <summary>A suspension or resume that this process works on, as it was when it was taken.</summary>
/// <param name="Id">Id; the idempotency key at the gateway.</param>
/// <param name="CardId">The card.</param>
/// <param name="AccountId">Its account when the reason was seen.</param>
/// <param name="Action">What is to be done.</param>
/// <param name="Rule">Why.</param>
/// <param name="Cycle">Of which cycle the reason is.</param>
/// <param name="Episode">Of which episode of the card.</param>
/// <param name="State">How far it is.</param>
/// <param name="Attempts">Calls that were begun.</param>
/// <param name="JobId">The carrier's job.</param>
/// <param name="Owner">The hold on it: what is written later counts only while it is held.</param>
public sealed record SuspensionWork(
    long Id, long CardId, int AccountId, SuspensionAction Action, SuspensionRule Rule, DateOnly Cycle, int Episode, SuspensionState State, int Attempts,
    string? JobId, string Owner)
{
    public bool IsStop => Action == SuspensionAction.Suspend;

    /// <summary>A person's wish is carried out as it is: neither limits nor breakers are asked.</summary>
    public bool IsManual => Rule == SuspensionRule.Manual;
}

/// <summary>The card of a suspension as it is now.</summary>
/// <param name="Card">Its facts, for the gateway; its account is the one to ask.</param>
/// <param name="StoppedBy">Who has stopped it; null = nobody.</param>
/// <param name="StoppedBySuspension">By which of our suspensions.</param>
/// <param name="Episode">Its present episode.</param>
public sealed record SuspensionCard(Queue.Facts.CardFacts Card, StoppedBy? StoppedBy, long? StoppedBySuspension, int Episode);
