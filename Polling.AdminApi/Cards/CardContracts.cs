using Polling.Core.Cards;
using Polling.Core.Cards.Import;
using Polling.Core.Configuration;

namespace Polling.AdminApi.Cards;

/// <summary>A card as the API shows it.</summary>
internal sealed record CardAnswer(
    long Id,
    string Iccid,
    string? Msisdn,
    string? Imsi,
    int CarrierId,
    int AccountId,
    CardStatus Status,
    RealNameStatus RealNameStatus,
    DateTimeOffset? RealNameCheckedAt,
    int? PackageId,
    int? PoolId,
    long RowVersion,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt)
{
    public static CardAnswer Of(Card card) => new(
        card.Id, card.Iccid, card.Msisdn, card.Imsi, card.CarrierId, card.AccountId, card.Status, card.RealNameStatus,
        card.RealNameCheckedAt, card.PackageId, card.PoolId, card.RowVersion, card.CreatedAt, card.UpdatedAt);
}

/// <summary>A page of cards.</summary>
/// <param name="Items">In the order of their ids.</param>
/// <param name="Total">Cards that match; null when reading on by <c>after_id</c>.</param>
/// <param name="Page">Null when reading on by <c>after_id</c>.</param>
/// <param name="PageSize">The most items of a page.</param>
/// <param name="NextAfterId">The <c>after_id</c> that goes on from here; null = there are no more.</param>
internal sealed record CardPageAnswer(IReadOnlyList<CardAnswer> Items, long? Total, int? Page, int PageSize, long? NextAfterId);

/// <summary>A card with the newest result of each task that has one, and its place for each task.</summary>
/// <param name="Card">The card.</param>
/// <param name="Polls">Newest results.</param>
/// <param name="Places">Where it is, for each task; null when Redis does not answer.</param>
internal sealed record CardDetailAnswer(CardAnswer Card, IReadOnlyList<CardPollAnswer> Polls, IReadOnlyList<CardPlaceAnswer>? Places);

/// <summary>The newest result of a task.</summary>
internal sealed record CardPollAnswer(
    string TaskType,
    DateTimeOffset ScheduledAt,
    DateTimeOffset CheckedAt,
    PollOutcome Outcome,
    string? ErrorCode,
    int DurationMs,
    int ConsecutiveFailures)
{
    public static CardPollAnswer Of(CardPoll poll) => new(
        poll.TaskType.Name(), poll.ScheduledAt, poll.CheckedAt, poll.Outcome, poll.ErrorCode, poll.DurationMs, poll.ConsecutiveFailures);
}

/// <summary>What an import did. <c>rows = added + changed + unchanged + duplicates + refused</c>.</summary>
internal sealed record CardImportAnswer(
    long Rows,
    long Added,
    long Changed,
    long Unchanged,
    long Duplicates,
    long Refused,
    IReadOnlyList<RowNotice> Errors,
    long WarningCount,
    IReadOnlyList<RowNotice> Warnings,
    IReadOnlyList<string> IgnoredColumns,
    bool SchedulingDelayed,
    long ElapsedMs)
{
    public static CardImportAnswer Of(CardImportReport report, TimeSpan elapsed) => new(
        report.Rows, report.Added, report.Changed, report.Unchanged, report.Duplicates, report.Refused, report.Errors,
        report.WarningCount, report.Warnings, report.IgnoredColumns, report.SchedulingDelayed, (long)elapsed.TotalMilliseconds);
}
