namespace Polling.MockGateway.Cards;

/// <summary>Who wants a card to be stopped or resumed.</summary>
/// <param name="Account">The account's code.</param>
/// <param name="Caller">The process.</param>
/// <param name="Key">The idempotency key; null: none.</param>
/// <param name="IsStop">False: resume.</param>
internal sealed record ChangeRequest(string Account, string Caller, string? Key, bool IsStop);

/// <summary>A job that stops or resumes a card.</summary>
internal sealed record CardJob(string Id, CardId Card, ChangeRequest Request, long BeganUs, long EndsUs, bool Fails);
