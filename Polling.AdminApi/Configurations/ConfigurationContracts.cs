using System.ComponentModel.DataAnnotations;
using Polling.Core.Capacity;
using Polling.Core.Cards;
using Polling.Core.Carriers;
using Polling.Core.Configuration;

namespace Polling.AdminApi.Configurations;

/// <summary>
/// A polling configuration. A condition that is null holds for any card; problems tell why it cannot be used, empty = it can. (A restored table may hold
/// anything, also no task type: what was in force before stays.)
/// </summary>
internal sealed record ConfigurationAnswer(
    int Id,
    string Name,
    string? TaskType,
    int? CarrierId,
    int? AccountId,
    CardStatus? CardStatus,
    RealNameStatus? RealNameStatus,
    int? PackageId,
    int IntervalSeconds,
    int? AdaptiveMinSeconds,
    int? AdaptiveMaxSeconds,
    int Priority,
    ConfigStatus Status,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    IReadOnlyList<string> Problems)
{
    public static ConfigurationAnswer Of(PollingConfig config) => new(
        config.Id, config.Name, config.TaskType == TaskTypes.None ? null : config.TaskType.Name(), config.CarrierId, config.AccountId, config.CardStatus, config.RealNameStatus,
        config.PackageId, config.IntervalSeconds, config.AdaptiveMinSeconds, config.AdaptiveMaxSeconds, config.Priority, config.Status, config.CreatedAt, config.UpdatedAt,
        [.. PollingConfigCheck.Check(config).Select(problem => problem.Message)]);
}

/// <summary>A page of configurations, in the order of their ids.</summary>
internal sealed record ConfigurationPageAnswer(IReadOnlyList<ConfigurationAnswer> Items, long Total, int Page, int PageSize);

/// <summary>What may be sent of a configuration; what an update leaves out keeps its value.</summary>
/// <param name="Name">1 to 100 characters.</param>
/// <param name="TaskType">realname, carddata, package.</param>
/// <param name="CarrierId">Only cards of this carrier; null = any.</param>
/// <param name="AccountId">Only cards of this carrier account; null = any.</param>
/// <param name="CardStatus">0 inventory, 1 active, 2 suspended; null = any of them. Terminated cards are never polled.</param>
/// <param name="RealNameStatus">0 not real-named, 1 real-named; null = any.</param>
/// <param name="PackageId">Only cards of this package; null = any.</param>
/// <param name="IntervalSeconds">From 10 (realname) or 60 (carddata, package) to 2592000, 30 days.</param>
/// <param name="AdaptiveMinSeconds">Adaptive interval: a card is checked when it will reach its limit, but not sooner than so many seconds after a check; 30 to 2,592,000; null = the interval is fixed.</param>
/// <param name="AdaptiveMaxSeconds">And not later than so many seconds after it; null = interval_seconds.</param>
/// <param name="Priority">0 to 1000000, the lower number wins; default 100.</param>
/// <param name="Status">1 = on, 0 = off.</param>
internal sealed record ConfigurationChange(
    [property: StringLength(PollingConfig.NameLengthMax, MinimumLength = 1)] string? Name,
    [property: AllowedValues("realname", "carddata", "package")] string? TaskType,
    [property: Range(1, int.MaxValue)] int? CarrierId,
    [property: Range(1, CarrierAccount.IdMax)] int? AccountId,
    [property: Range(0, 2)] int? CardStatus,
    [property: Range(0, 1)] int? RealNameStatus,
    [property: Range(1, PollingConfig.PackageIdMax)] int? PackageId,
    [property: Range(10, PollingConfig.IntervalSecondsMax)] int? IntervalSeconds,
    [property: Range(PollingConfig.AdaptiveSecondsMin, PollingConfig.IntervalSecondsMax)] int? AdaptiveMinSeconds,
    [property: Range(PollingConfig.AdaptiveSecondsMin, PollingConfig.IntervalSecondsMax)] int? AdaptiveMaxSeconds,
    [property: Range(0, PollingConfig.PriorityMax)] int? Priority,
    [property: Range(0, 1)] int? Status);

/// <summary>An account that a configuration would overload.</summary>
/// <param name="Account">Code of the account.</param>
/// <param name="NeededCallsPerSecond">What its configurations would need.</param>
/// <param name="AvailableCallsPerSecond">What its quota leaves to polling.</param>
/// <param name="ConfigurationId">Whose cards would need more calls: the changed one, or one that would rule cards in its place; 0 = the new one.</param>
/// <param name="IntervalSecondsMin">The shortest interval of it that would fit; null = none would.</param>
internal sealed record MisfitAnswer(
    string Account, double NeededCallsPerSecond, double AvailableCallsPerSecond, int ConfigurationId, long? IntervalSecondsMin)
{
    public static MisfitAnswer Of(QuotaMisfit misfit) =>
        new(misfit.Account, Math.Round(misfit.Needed, 3), Math.Round(misfit.Available, 3), misfit.Cause.Id, misfit.IntervalSecondsMin);
}
