using System.Text.Json.Serialization;

namespace Polling.MockGateway.Ledger;

/// <summary>A page of the ledger; go on with <c>since_sequence</c> = <paramref name="NextSinceSequence"/>.</summary>
internal sealed record LedgerPage(IReadOnlyList<LedgerEntry> Calls, long NextSinceSequence, bool HasMore, long TotalCalls, long DroppedCalls);

/// <summary>One call. Times are UTC with microseconds.</summary>
internal sealed record LedgerEntry(
    long Sequence,
    string Caller,
    string Account,
    string Task,
    DateTimeOffset ReceivedAt,
    DateTimeOffset AnsweredAt,
    string Status,
    int HttpStatus,
    string? Traceparent,
    string? IdempotencyKey,
    int CardCount,
    IReadOnlyList<LedgerCard> Cards);

/// <summary>One card of a call; <c>real_name</c> and <c>used_bytes</c> are null when the card got no answer, or one to another question.</summary>
internal sealed record LedgerCard(string Id, string? Status, bool? RealName, long? UsedBytes);

/// <summary>All calls about one card, oldest first.</summary>
internal sealed record CardHistory(string Iccid, int Count, double? MinGapMs, IReadOnlyList<LedgerEntry> Calls);

/// <param name="TotalCalls">Since the last reset, dropped ones included.</param>
/// <param name="DroppedCalls">No longer kept; figures about cards do not cover them.</param>
/// <param name="DroppedCards">Cards of these calls.</param>
/// <param name="DistinctCards">Cards that were asked about.</param>
/// <param name="AnsweredCards">Cards that got an answer at least once.</param>
/// <param name="WithinSeconds">The window for <paramref name="Duplicates"/>.</param>
/// <param name="Duplicates">Cards that got an answer to the same task twice within that time.</param>
/// <param name="MinGapMs">Shortest time between two answered calls of one task about one card.</param>
/// <param name="MinGapCard">That card.</param>
/// <param name="Accounts">Figures of each account since the last reset.</param>
/// <param name="Callers">Calls kept, by caller.</param>
/// <param name="Statuses">Calls kept, by status.</param>
internal sealed record LedgerSummary(
    long TotalCalls,
    long DroppedCalls,
    long DroppedCards,
    long DistinctCards,
    long AnsweredCards,
    double WithinSeconds,
    long Duplicates,
    double? MinGapMs,
    string? MinGapCard,
    IReadOnlyList<AccountSummary> Accounts,
    IReadOnlyDictionary<string, long> Callers,
    IReadOnlyDictionary<string, long> Statuses);

/// <param name="Account">The account's code.</param>
/// <param name="Calls">Calls since the last reset.</param>
/// <param name="Refused">Of these, over the enforced quota.</param>
/// <param name="MaxPerSecond">Most calls that came in any window of one second, refused ones included.</param>
/// <param name="MaxPerSecondAt">When that window ended.</param>
/// <param name="MaxAdmittedPerSecond">The same without refused calls.</param>
/// <param name="Faults">Calls since the last reset that went wrong on purpose, by the fault.</param>
internal sealed record AccountSummary(
    string Account, long Calls, long Refused, int MaxPerSecond, DateTimeOffset? MaxPerSecondAt, int MaxAdmittedPerSecond, IReadOnlyDictionary<string, long> Faults);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    Converters = [typeof(MicrosecondTimeConverter)])]
[JsonSerializable(typeof(LedgerPage))]
[JsonSerializable(typeof(CardHistory))]
[JsonSerializable(typeof(LedgerSummary))]
internal sealed partial class LedgerJson : JsonSerializerContext;
