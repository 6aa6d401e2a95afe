using System.ComponentModel.DataAnnotations;
namespace Polling.AdminApi.Quarantine;

/// <summary>A card that was set aside for a task.</summary>
/// <param name="CardId">The card.</param>
/// <param name="Iccid">Its iccid; null = the card was deleted.</param>
/// <param name="AccountId">Its carrier account.</param>
/// <param name="Since">Since when.</param>
/// <param name="ErrorCode">What the carrier, or we, said of it last; null when no result of it was kept.</param>
/// <param name="CheckedAt">When.</param>
internal sealed record QuarantinedCardAnswer(
    long CardId, string? Iccid, int? AccountId, DateTimeOffset Since, string? ErrorCode, DateTimeOffset? CheckedAt);

/// <summary>A page of cards that were set aside, those that have been there longest first.</summary>
internal sealed record QuarantinePageAnswer(
    string TaskType, IReadOnlyList<QuarantinedCardAnswer> Items, long Total, int Page, int PageSize);

/// <summary>How many cards are set aside, for each task type.</summary>
internal sealed record QuarantineCountsAnswer(IReadOnlyList<QuarantineCountAnswer> Items);

/// <summary>How many cards are set aside.</summary>
internal sealed record QuarantineCountAnswer(string TaskType, long Cards);

/// <summary>Which cards to release: 1 to 1000 ids.</summary>
internal sealed record ReleaseRequest(
    [property: MinLength(1), MaxLength(QuarantineEndpoints.ReleaseMax)] IReadOnlyList<long> CardIds);

/// <summary>What a release did.</summary>
/// <param name="TaskType">Task type.</param>
/// <param name="Released">Cards that are due at once now.</param>
/// <param name="NotInQuarantine">Cards that were not set aside; they are where they were.</param>
/// <param name="Unknown">Cards that are set aside but no longer polled, or deleted.</param>
internal sealed record ReleaseAnswer(string TaskType, int Released, IReadOnlyList<long> NotInQuarantine, IReadOnlyList<long> Unknown);
